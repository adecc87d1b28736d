import Events
import JSON

/// Events in the messages of tasks.
enum TasksDelivery {
    /// Messages to people.
    static func personal(_ delivery: Delivery) -> [[UInt8]] {
        switch PersonalDelivery(delivery) {
        case .notification(let notification): [encode(notification, at: delivery.time)]
        case .applications: [encode(delivery)]
        case .nothing: []
        }
    }

    private static func encode(_ notification: NotificationContent, at time: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.type(.fixed("notification"))
        writer.key("timestamp")
        writer.integer(time)
        writer.key("payload")
        notification.write(to: &writer, time: .number)
        writer.endObject()
        return writer.bytes
    }

    static func encode(_ delivery: Delivery) -> [UInt8] {
        switch delivery.kind {
        case .progress: message("taskProgress", delivery, body: progress)
        case .stage: message("taskProgress", delivery, body: stage)
        case .completed: message("taskCompleted", delivery, body: completed)
        case .failed: message("taskFailed", delivery, body: failed)
        case .other(let type): message(.text(type), nil, delivery) { _, _ in .none }
        }
    }

    /// `taskUpdated`: the task as a row of a list.
    static func updated(_ delivery: Delivery, request: RequestID?) -> [UInt8] {
        message(.fixed("taskUpdated"), request, delivery, updated)
    }

    private static func message(
        _ type: StaticString, _ delivery: Delivery, body: (inout JSONWriter, Delivery) -> EventFieldSet
    ) -> [UInt8] {
        message(.fixed(type), nil, delivery, body)
    }

    /// One message; `body` writes its special fields and returns the event's fields that these replace.
    private static func message(
        _ type: Words, _ request: RequestID?, _ delivery: Delivery,
        _ body: (inout JSONWriter, Delivery) -> EventFieldSet
    ) -> [UInt8] {
        let envelope = TasksEnvelope(type, request, delivery.time)
        return envelope.encode(capacity: delivery.event.body.bytes.count + 256) { writer in
            writer.identity("videoId", of: delivery.channel)
            var said = body(&writer, delivery).union(delivery.fieldsOfThePast)
            if delivery.channel.kind == .task { said.formUnion(EventFieldSet(.videoId)) }
            writer.otherFields(of: delivery.event, except: said)
            writer.position(of: delivery)
        }
    }

    /// `taskProgress` always has a status and a progress.
    private static func progress(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        writeStatusAndProgress(&writer, delivery)
        let content = delivery.event.content
        let rest = writer.remembered(of: delivery, stage: "currentStep")
        if rest.contains(.currentStep) { return rest.union(EventFieldSet(.status, .progress)) }
        let said = rest.union(EventFieldSet(.status, .progress, .currentStep))
        if content.has(.currentStep), let step = content.value(.currentStep), !step.isString("") {
            writer.key("currentStep")
            writer.value(step)
            return said
        } else if let stage = content.word(.currentStage) {
            writer.key("currentStep")
            writer.value(stage)
        }
        return said.union(EventFieldSet(.currentStage))
    }

    /// A completed stage: the step is now the next one.
    private static func stage(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        writeStatusAndProgress(&writer, delivery)
        if let next = delivery.event.content.word(.nextStage).map(Words.raw) ?? delivery.currentStage {
            writer.key("currentStep")
            writer.words(next)
        }
        return writer.remembered(of: delivery).union(
            EventFieldSet(.status, .progress, .currentStep, .currentStage))
    }

    private static func writeStatusAndProgress(_ writer: inout JSONWriter, _ delivery: Delivery) {
        writer.key("status")
        writer.words(delivery.status(in: \.inTasks, default: StatusWord.processing.inTasks))
        writer.key("progress")
        delivery.writeProgress(to: &writer)
    }

    /// `taskCompleted` always has a result: clients read its fields unchecked.
    private static func completed(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        writer.key("status")
        writer.string("completed")
        writer.key("progress")
        writer.integer(100)
        writer.key("result")
        writeResult(&writer, delivery.event.content)
        return writer.remembered(of: delivery, stage: "currentStep").union(EventFieldSet(.status, .progress, .result))
    }

    private static func writeResult(_ writer: inout JSONWriter, _ content: EventContent) {
        if let result = content.value(.result, .object) { return writer.value(result) }
        writer.beginObject()
        if content.has(.result), let result = content.value(.result) {
            // The worker's result is no object: kept under a name that no client reads by accident.
            writer.key("value")
            writer.value(result)
        }
        if let url = content.videoURL {
            writer.key("videoUrl")
            writer.value(url)
        }
        writer.endObject()
    }

    private static func failed(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        writer.key("status")
        writer.string("failed")
        writer.key("error")
        writer.failure(delivery.event.failure)
        var said = EventFieldSet(.status, .error)
        if delivery.isSnapshot, delivery.knowledge.progress != nil {
            writer.key("progress")
            delivery.writeProgress(to: &writer)
            said.formUnion(EventFieldSet(.progress))
        }
        return said.union(writer.remembered(of: delivery, stage: "currentStep"))
    }

    private static func updated(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        let content = delivery.event.content
        switch delivery.kind {
        case .completed:
            writer.key("status")
            writer.string(StatusWord.completed.inTasks)
            writer.key("progress")
            writer.integer(100)
        case .failed:
            writer.key("status")
            writer.string(StatusWord.failed.inTasks)
            writer.key("progress")
            delivery.writeProgress(to: &writer)
        case .progress, .stage, .other:
            writeStatusAndProgress(&writer, delivery)
        }
        writer.key("videoUrl")
        if let url = content.videoURL { writer.value(url) } else { writer.null() }
        writer.key("error")
        if delivery.kind == .failed, let failure = content.failure {
            writer.string(failure.message)
        } else if delivery.kind == delivery.event.kind, let text = content.errorText {
            writer.value(text)
        } else {
            writer.null()
        }
        return writer.remembered(of: delivery, stage: "currentStep").union(
            EventFieldSet(.status, .progress, .videoUrl, .error))
    }
}
