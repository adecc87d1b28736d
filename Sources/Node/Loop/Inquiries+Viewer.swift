import Asking
import Events

extension Inquiries: Inquirer {
    /// Asks for one viewer, of which only so many requests wait: the rest get what is stored.
    func ask(
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
