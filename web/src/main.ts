// The viewer: puts the rooms together. Everything that does something is elsewhere.

import "./ui/page.css";

import { openViewer } from "./ui/viewer/open";

void openViewer(document.body);
