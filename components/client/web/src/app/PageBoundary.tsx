import { Component, type ReactNode } from "react";
import { Blank } from "../components/Blank";
import { Button } from "../components/Button";

/** Shows what can be done when a page breaks, or its script could not be loaded. */
export class PageBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <div role="alert">
        <Blank
          title="This page could not be shown"
          actions={
            // Anew from the server: after an update of the shop, the old page's scripts are gone.
            <Button kind="primary" onClick={() => window.location.reload()}>
              Load it again
            </Button>
          }
        >
          Check your connection. Nothing was bought or changed by this.
        </Blank>
      </div>
    );
  }
}
