// A button on each block of code (not on drawings) that copies it. Without a script the pages are whole, but for the button.
for (const block of document.querySelectorAll('pre:not([data-language="text"])')) {
  const frame = document.createElement("div");
  frame.className = "code";
  block.replaceWith(frame);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  const say = (text) => {
    button.textContent = text;
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2_000);
  };
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(block.innerText).then(
      () => say("Copied"),
      () => {
        getSelection().selectAllChildren(block);
        say("Press Ctrl+C");
      },
    );
  });
  frame.append(block, button);
}

// On small screens the list of pages begins folded.
if (matchMedia("(max-width: 60rem)").matches) {
  document.querySelector(".contents details")?.removeAttribute("open");
}
