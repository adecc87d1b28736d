import Base
import EventLoop
import HTTP
import Terminal

/// Gives a publisher its events, and gets the results.
protocol BenchPublisherOwner: AnyObject {
    func taskName(_ task: Int) -> String
    func didPublish(_ task: Int, _ count: Int)
    func couldNotPublish(_ count: Int, status: Int, body: [UInt8], node: NodeURL)
    func didLosePublisher(_ node: NodeURL)
}

/// Publishes the events of some tasks over one HTTP connection, one request after the other; events that arrive
/// meanwhile go into the next one.
final class BenchPublisher: StreamHandler {
    private unowned let load: any BenchPublisherOwner
    private let node: NodeURL
    private let authorization: (name: String, value: String)
    private var writer: BenchWriter?
    private var decoder = ResponseDecoder()
    /// Events by task, and the tasks that have some, in turn.
    private var waiting: [Int: [[UInt8]]] = [:]
    private var turn = Queue<Int>()
    /// The task and the number of events of the request on its way.
    private var underWay: (task: Int, count: Int)?
    private var hasFailed = false

    init(load: any BenchPublisherOwner, node: NodeURL, authorization: (name: String, value: String)) {
        self.load = load
        self.node = node
        self.authorization = authorization
    }

    /// Whether no event waits and no request is under way.
    var isIdle: Bool { hasFailed || (underWay == nil && turn.isEmpty) }

    func begin(_ stream: Stream) {
        stream.handler = self
        writer = BenchWriter(stream)
        stream.startReading()
        sendNext()
    }

    func publish(_ event: [UInt8], task: Int) {
        guard !hasFailed else { return }
        if waiting[task, default: []].isEmpty { turn.append(task) }
        waiting[task, default: []].append(event)
        sendNext()
    }

    private func sendNext() {
        guard underWay == nil, let writer, let task = turn.popFirst() else { return }
        let events = waiting[task, default: []]
        let batch = events.prefix(BenchLimits.batch)
        waiting[task] = Array(events.dropFirst(batch.count))
        if batch.count < events.count { turn.append(task) }
        underWay = (task, batch.count)
        let body =
            batch.count == 1
            ? batch[0] : [UInt8(ascii: "[")] + batch.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        let request = ClientRequest(
            method: "POST", target: node.prefix + "/api/v1/tasks/\(PercentCoding.encode(load.taskName(task)))/events",
            headers: [
                "Host": node.authority, "Content-Type": "application/json", authorization.name: authorization.value,
            ],
            body: body)
        writer.write(SharedBytes(request.encode()))
    }

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        decoder.append(UnsafeRawBufferPointer(bytes))
        do throws(HTTPError) {
            while let response = try decoder.next() {
                guard let (task, count) = underWay.take() else { continue }
                if response.status == 200 {
                    load.didPublish(task, count)
                } else {
                    load.couldNotPublish(count, status: response.status, body: response.body, node: node)
                }
                sendNext()
            }
        } catch {
            stream.close()
        }
    }

    func streamDidDrain(_ stream: Stream) { writer?.drained() }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        hasFailed = true
        writer = nil
        load.didLosePublisher(node)
    }
}
