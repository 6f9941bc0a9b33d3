// The editor: puts the rooms together.

import "./ui/page.css";
import "./ui/editor/editor.css";

import { openEditor } from "./ui/editor/open";

void openEditor(document.body);
