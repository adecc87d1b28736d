import Events

@testable import Following

/// A third party that answers when the test wants it to.
final class FakeInquirer: Inquirer {
    var words = Words()
    private var inquiries: [(Bool) -> Void] = []

    func ask(
        about name: ChannelName, isEager: Bool, for viewer: any Viewer,
        _ completion: @escaping (_ mayHaveChanged: Bool) -> Void
    ) {
        words.say(isEager ? "ask the third party eagerly" : "ask the third party")
        inquiries.append(completion)
    }

    /// Answers all inquiries.
    func answer(mayHaveChanged: Bool) {
        let waiting = inquiries
        inquiries = []
        for completion in waiting { completion(mayHaveChanged) }
    }
}
