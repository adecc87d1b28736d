import JSON
import Testing

@testable import Events

@Suite("TaskState")
struct TaskStateTests {
    private let parser = JSONParser(maxBytes: EventLimits.maxEventBytes)
    private let task = ChannelName.task(Identifier("v")!)

    private func written(_ state: TaskState) -> String {
        var writer = JSONWriter(capacity: 512)
        state.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("an unknown task has every key, with null")
    func empty() {
        let state = TaskState(
            channel: task, knowledge: TaskKnowledge(), event: nil, eventTime: nil, position: nil, owner: nil)
        #expect(
            written(state)
                == #"{"task_id":"v","status":null,"progress":null,"current_stage":null,"completed_stages":[],"#
                + #""message":null,"started_at":null,"updated_at":null,"ended_at":null,"estimated_time_remaining":null,"#
                + #""error":null,"result":null,"metrics":null,"owner":null,"state":null,"epoch":null,"sequence":null,"#
                + #""viewers":null}"#)
    }

    @Test("a written state is read again")
    func roundTrip() throws {
        let texts = [
            #"{"status":"RENDERING","progress":1.50,"message":"m","currentStep":"A","totalSteps":4}"#,
            #"{"type":"stage","stage":"A","nextStage":"B"}"#,
            #"{"type":"failed","error":{"code":"E","message":"m","details":[1],"retryable":true}}"#,
        ]
        var knowledge = TaskKnowledge()
        var last: Event?
        for (number, text) in texts.enumerated() {
            let event = try Event(parser.object(Array(text.utf8)), parser: parser)
            knowledge.apply(event, at: Int64(number + 1) * 1000, isFirst: number == 0)
            if event.isStateBearing { last = event }
        }
        let state = TaskState(
            channel: task, knowledge: knowledge, event: last, eventTime: 3000,
            position: Position(epoch: "e1", sequence: .max), owner: "alice", viewers: 2)
        let text = written(state)
        #expect(text.contains(#""error":{"code":"E","message":"m","details":[1],"retryable":true}"#))
        #expect(text.contains(#""epoch":"e1","sequence":18446744073709551615,"viewers":2}"#))
        let reading = try #require(try TaskState.Reading(parser.object(Array(text.utf8)), parser: parser))
        #expect(reading.event?.kind == .failed)
        #expect(reading.knowledge.status == "FAILED" && reading.knowledge.progress == "1.50")
        #expect(reading.knowledge.completedStages == ["A"] && reading.knowledge.currentStage == "B")
        #expect(reading.knowledge.startedAt == 1000 && reading.knowledge.updatedAt == 3000)
    }
}
