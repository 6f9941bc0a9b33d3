document.title = "S-Map 서울";
