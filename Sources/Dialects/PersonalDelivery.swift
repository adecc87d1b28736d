import Events
import JSON

/// What is addressed to people in the shapes of jobs and tasks: notifications, and types of the application's own. Chat,
/// typing and who is online are for presence only, and so is what everyone gets.
enum PersonalDelivery {
    static func inJobs(_ delivery: Delivery) -> [[UInt8]] {
        guard delivery.channel.kind != .everyone else { return [] }
        if let notification = NotificationContent(delivery) {
            var writer = JSONWriter(capacity: 512)
            writer.beginObject()
            writer.type(.fixed("notification"))
            writer.key("data")
            notification.write(to: &writer, as: .jobs)
            writer.endObject()
            return [writer.bytes]
        }
        return isOwn(delivery) ? [JobsDelivery.encode(delivery)] : []
    }

    static func inTasks(_ delivery: Delivery) -> [[UInt8]] {
        guard delivery.channel.kind != .everyone else { return [] }
        if let notification = NotificationContent(delivery) {
            var writer = JSONWriter(capacity: 512)
            writer.beginObject()
            writer.type(.fixed("notification"))
            writer.key("timestamp")
            writer.integer(delivery.time)
            writer.key("payload")
            notification.write(to: &writer, as: .tasks)
            writer.endObject()
            return [writer.bytes]
        }
        return isOwn(delivery) ? [TasksDelivery.encode(delivery)] : []
    }

    /// Whether the event is of a type that only the application knows.
    private static func isOwn(_ delivery: Delivery) -> Bool {
        guard case .other(let type) = delivery.event.kind else { return false }
        return !["chat", "typing", "presence", "user_status"].contains(type)
    }
}
