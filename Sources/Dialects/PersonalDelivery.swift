import Events
import JSON

/// Messages to people in dialects that pass on notifications and the application's own types, but no chat, typing,
/// presence or messages to everyone.
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

    /// Whether events of this kind are the application's own.
    private static func isApplications(_ kind: Event.Kind) -> Bool {
        guard case .other(let type) = kind else { return false }
        return !["chat", "typing", "presence", "user_status"].contains(type)
    }
}
