import Events

/// Why a viewer cannot enter a channel, or gets no answer to its question.
enum Obstacle: CaseIterable {
    /// The viewer asks for more at once than its connection takes.
    case crowded
    /// Redis does not let this node follow the channel.
    case unfollowable
    /// Redis does not answer.
    case unreadable
    /// Redis keeps no state of the task.
    case unknown

    /// The error that the client gets.
    func fault(_ name: ChannelName) -> Fault {
        switch self {
        case .crowded: Fault(.rateLimited, "too many requests of this connection are waiting", subject: name)
        case .unfollowable: Fault(.unavailable, "this channel cannot be followed now", subject: name)
        case .unreadable: Fault(.unavailable, "the state cannot be read now", subject: name)
        case .unknown: Fault(.notFound, "nothing is known of this task", subject: name)
        }
    }
}
