import Events
import JSON

/// Events in the messages of jobs.
enum JobsDelivery {
    /// Messages to people.
    static func personal(_ delivery: Delivery) -> [[UInt8]] {
        switch PersonalDelivery(delivery) {
        case .notification(let notification): [encode(notification)]
        case .applications: [encode(delivery)]
        case .nothing: []
        }
    }

    private static func encode(_ notification: NotificationContent) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.type(.fixed("notification"))
        writer.key("data")
        notification.write(to: &writer, time: .text)
        writer.endObject()
        return writer.bytes
    }

    static func encode(_ delivery: Delivery) -> [UInt8] {
        switch delivery.kind {
        case .progress, .completed: message("job_status", delivery, body: status)
        case .stage: message("stage_completed", delivery, body: stageCompleted)
        case .failed: message("job_error", delivery, body: error)
        case .other(let type): message(type, delivery, body: other)
        }
    }

    private static func message(
        _ type: StaticString, _ delivery: Delivery, body: (inout JSONWriter, Delivery) -> EventFieldSet
    ) -> [UInt8] {
        message(.fixed(type), delivery, body)
    }

    private static func message(
        _ type: String, _ delivery: Delivery, body: (inout JSONWriter, Delivery) -> EventFieldSet
    ) -> [UInt8] {
        message(.text(type), delivery, body)
    }

    /// One message; `body` writes its special fields and returns the event's fields that these replace.
    private static func message(
        _ type: Words, _ delivery: Delivery, _ body: (inout JSONWriter, Delivery) -> EventFieldSet
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: delivery.event.body.bytes.count + 256)
        writer.beginObject()
        writer.type(type)
        writer.key("data")
        writer.beginObject()
        writer.identity("jobId", of: delivery.channel)
        var said = body(&writer, delivery).union(delivery.fieldsOfThePast)
        if delivery.channel.kind == .task { said.formUnion(EventFieldSet(.jobId)) }
        writer.otherFields(of: delivery.event, except: said)
        writer.isoTimestamp(delivery.time)
        writer.position(of: delivery)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// `job_status` always has a status, the current stage and the completed ones.
    private static func status(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        writer.key("status")
        if delivery.event.kind == .completed {
            writer.string(StatusWord.completed.inJobs)
        } else {
            writer.words(delivery.status(in: \.inJobs, default: StatusWord.processing.inJobs))
        }
        writer.key("currentStage")
        if let stage = delivery.currentStage { writer.words(stage) } else { writer.null() }
        writer.key("completedStages")
        writer.strings(delivery.knowledge.completedStages)
        let content = delivery.event.content
        // `currentStep` is the other dialect's name for it; beside `currentStage` it is a field of the worker's own.
        let isRenamed = content.word(.currentStage) == nil && content.value(.currentStep, .string) != nil
        var said = EventFieldSet(.status, .currentStage, .completedStages)
        if delivery.isSnapshot { said.formUnion(progressAndRest(&writer, delivery)) }
        return isRenamed ? said.union(EventFieldSet(.currentStep)) : said
    }

    /// The fields that a state's event may have left out.
    private static func progressAndRest(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        let said = writer.remembered(of: delivery, stages: false)
        guard delivery.knowledge.progress != nil else { return said }
        writer.key("progress")
        delivery.writeProgress(to: &writer)
        return said.union(EventFieldSet(.progress))
    }

    private static func stageCompleted(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        guard let stage = delivery.event.content.value(.stage, .string) else { return [] }
        writer.key("stage")
        writer.value(stage)
        return writer.remembered(of: delivery).union(EventFieldSet(.stage))
    }

    /// `job_error` always has an error text and a stage: the current one unless given.
    private static func error(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        let content = delivery.event.content
        writer.key("error")
        writer.string(content.failure?.message ?? Failure.defaultMessage)
        writer.key("stage")
        if let stage = content.value(.stage, .string).map(Words.raw) ?? delivery.currentStage {
            writer.words(stage)
        } else {
            writer.null()
        }
        var said = EventFieldSet(.error, .stage).union(writer.remembered(of: delivery))
        if delivery.isSnapshot, delivery.knowledge.progress != nil {
            writer.key("progress")
            delivery.writeProgress(to: &writer)
            said.formUnion(EventFieldSet(.progress))
        }
        guard content.has(.status) else { return said }
        writer.key("status")
        writer.string(StatusWord.failed.inJobs)
        return said.union(EventFieldSet(.status))
    }

    private static func other(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet { .none }
}

extension JSONWriter {
    /// The dialect's time: ISO 8601 in UTC with milliseconds.
    mutating func isoTimestamp(_ milliseconds: Int64) {
        key("timestamp")
        string(ascii: ISO8601.bytes(milliseconds))
    }
}
