import Events
import JSON

/// What a dialect makes of a message that is addressed to people, where it tells notifications and types of the
/// application's own, and nothing of chat, of typing, of who is online, or of what everyone gets.
enum PersonalDelivery {
    case notification(NotificationContent)
    case applications
    case nothing

    init(_ delivery: Delivery) {
        if delivery.channel.kind == .everyone {
            self = .nothing
        } else if let notification = NotificationContent(delivery) {
            self = .notification(notification)
        } else {
            self = Self.isApplications(delivery.event.kind) ? .applications : .nothing
        }
    }

    /// Whether events of this kind are known to the application alone.
    private static func isApplications(_ kind: Event.Kind) -> Bool {
        guard case .other(let type) = kind else { return false }
        return !["chat", "typing", "presence", "user_status"].contains(type)
    }
}
