document.title = "S-Map 편집";
