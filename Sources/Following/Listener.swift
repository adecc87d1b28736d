package import Events
import JSON

extension PersonalMessages {
    /// The facts of a subscriber that decide whether it gets a message to people.
    package struct Listener {
        /// The connection's user.
        let user: String?
        /// The announcements that the client's count includes; nil before the client was told a count.
        let hearsAfter: CountedAnnouncements?

        /// A connection of `user`.
        package init(user: String?, hearsAfter: CountedAnnouncements?) {
            self.user = user
            self.hearsAfter = hearsAfter
        }
    }
}

extension PersonalMessages.Listener {
    /// The user who caused the event, where a user did: events by the application go to that user too. So does chat,
    /// whose addressee may be its sender.
    static func sender(of event: Event) -> String? {
        guard case .other(let type) = event.kind else { return nil }
        let key: StaticString
        switch type {
        case "typing", "presence", "user_status": key = "user_id"
        default: return nil
        }
        return event.object[key].flatMap { $0.string ?? $0.integer?.description }
    }

    /// Whether the connection gets a message that this user caused: not where it is that user's own, nor an announcement
    /// that the client's count includes already, or that comes before the client was told a count.
    func takes(from sender: String?, announcement version: Int64?) -> Bool {
        if let sender, sender == user { return false }
        guard let version else { return true }
        return hearsAfter.map { !$0.include(version, of: sender ?? "") } ?? false
    }

    /// Whether a connection of `user` gets a task's change from the task's owner's or team's channel. A team's channel
    /// names the owner, who has the change from the owner's channel. `hearsTask`: the connection follows the task or asked
    /// about it, so that it has the change from the task's channel.
    static func takesUpdate(
        ofTaskOf owner: String?, user: @autoclosure () -> String?, hearsTask: @autoclosure () -> Bool
    ) -> Bool {
        if let owner, user() == owner { return false }
        return !hearsTask()
    }
}
