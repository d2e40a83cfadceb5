// @ts-check
/**
 * Registers <gut-skin-chat>, and adds one to the end of a page that has none of its own.
 * The server joins it to element.js, so that one request is enough:
 *
 *   <script type="module" src="https://guide.example.org/widget/gut-skin-chat.js"></script>
 */
import { GutSkinChat } from "./element.js";

const TAG = "gut-skin-chat";

if (!customElements.get(TAG)) {
  customElements.define(TAG, GutSkinChat);
  if (!document.querySelector(TAG)) document.body.append(document.createElement(TAG));
}
