import Events
import Dialects

/// A client's question how a task stands. The node answers it once, whatever the answer comes from.
final class Question {
    let request: RequestID?
    /// The viewer was told before, and wants to know more.
    let isRepeated: Bool
    var isAnswered = false

    init(_ request: RequestID?, isRepeated: Bool) {
        self.request = request
        self.isRepeated = isRepeated
    }
}
