import Dialects
import Events

/// A client's question how a task stands. The node answers it once: with an event, a read or a third party's answer.
final class Question {
    let request: RequestID?
    /// The viewer asked before, and asks for more.
    let isRepeated: Bool
    var isAnswered = false

    init(_ request: RequestID?, isRepeated: Bool) {
        self.request = request
        self.isRepeated = isRepeated
    }
}
