import Dialects
import Events

/// A client's question how a task stands, from its arrival to its answer.
final class Question {
    /// The channel of the task that it is about.
    let name: ChannelName
    let request: RequestID?
    /// The viewer asked before, and asks for more.
    let isRepeated: Bool
    /// The connection that asked; nil once it is gone.
    private(set) weak var viewer: (any Viewer)?
    var state = StatusQuestion()

    init(_ name: ChannelName, of viewer: any Viewer, request: RequestID?, isRepeated: Bool) {
        self.name = name
        self.viewer = viewer
        self.request = request
        self.isRepeated = isRepeated
    }
}
