package import Events

/// A message about a task to every node, on ``Naming/announcementsChannel``. The workers' Function and nodes' scripts send
/// it; workers have the right to it, so a node believes only that it should look.
package enum TaskAnnouncement: Equatable, Sendable {
    /// A task with a third party was restarted. The name is that of the channel in Redis.
    case restarted(channel: String)
    /// The list of tasks should say something else of this task: it began, ended, or got an owner.
    case changed(Identifier)

    private static let changedMark = "changed "

    /// Reads a message; nil for any other text.
    package init?(_ payload: UnsafeRawBufferPointer, naming: Naming) {
        let text = String(decoding: payload, as: UTF8.self)
        let isChange = text.hasPrefix(Self.changedMark)
        let channel = isChange ? String(text.dropFirst(Self.changedMark.count)) : text
        guard let name = naming.channelName(channel), name.kind == .task, let id = Identifier(name.id) else {
            return nil
        }
        self = isChange ? .changed(id) : .restarted(channel: channel)
    }
}
