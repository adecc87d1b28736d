package import Events
package import Following
import Settings

extension Inquiries: Inquirer {
    /// Asks for one viewer. A viewer's waiting requests are bounded: the others get the stored state.
    package func ask(
        about name: ChannelName, isEager: Bool, for viewer: any Viewer,
        _ completion: @escaping (_ mayHaveChanged: Bool) -> Void
    ) {
        guard viewer.waitingInquiries < limits.perConnection else { return refuse { _ in completion(false) } }
        viewer.waitingInquiries += 1
        ask(about: name, isEager: isEager) { [weak viewer] outcome in
            viewer?.waitingInquiries -= 1
            completion(outcome == .mayHaveChanged)
        }
    }
}
