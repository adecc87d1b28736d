import EventLoop
import JSON
import TLS
import Terminal

/// The load: viewers that connect, publishers at a steady rate, and the figures. Lives on one loop.
///
/// A delivery's time counts from when its event was due, not from when it was sent: a node that is slow to accept
/// events must not look fast.
final class BenchLoad: BenchPublisherOwner, BenchViewerOwner {
    private enum Phase { case connecting, asking, publishing, waiting, ended }

    private let loop: EventLoop
    private let options: BenchOptions
    /// For nodes with TLS; nil where none has.
    private let context: TLSContext?
    private let tokens: [String]
    private let completion: (Result<BenchFigures, CommandFailure>) -> Void
    private let run = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    private let begin = Monotonic.nanoseconds

    private var phase = Phase.connecting
    private var viewers: [BenchViewer] = []
    private var publishers: [BenchPublisher] = []
    private var connecting = 0
    private var nextViewer = 0
    private var ready = 0
    private var figures = BenchFigures()
    private var start: UInt64 = 0
    private var numbers: [Int]
    private var accepted: [Int]
    private var enqueued = 0
    private var lastDelivery: UInt64 = 0

    init(
        loop: EventLoop, options: BenchOptions, context: TLSContext?, tokens: [String],
        publisher: (name: String, value: String),
        completion: @escaping (Result<BenchFigures, CommandFailure>) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.context = context
        self.tokens = tokens
        self.completion = completion
        numbers = Array(repeating: 0, count: options.tasks)
        accepted = numbers
        let nodes = options.access.nodes
        publishers = (0..<min(BenchLimits.publishers, options.tasks)).map {
            BenchPublisher(load: self, node: nodes[$0 % nodes.count], authorization: publisher)
        }
    }

    func taskName(_ task: Int) -> String { "bench-\(run)-\(task)" }

    /// Connects viewers and publishers; everything else follows.
    func connect() {
        for (index, publisher) in publishers.enumerated() {
            open(node(index)) { publisher.begin($0) }
        }
        connectMore()
        loop.schedule(after: BenchLimits.readyMilliseconds) { [self] in
            guard phase == .connecting || phase == .asking else { return }
            end(
                .failure(
                    .failed(
                        "only \(ready) of \(options.connections) viewers are served after "
                            + "\(BenchLimits.readyMilliseconds / 1000) s")))
        }
    }

    /// Stops publishing, and ends once all deliveries have arrived; when called again, at once.
    func interrupt() {
        switch phase {
        case .connecting, .asking: end(.failure(.failed("interrupted before every viewer was served")))
        case .publishing:
            phase = .waiting
            lastDelivery = max(lastDelivery, Monotonic.nanoseconds)
        case .waiting: finish()
        case .ended: break
        }
    }

    private func node(_ index: Int) -> NodeURL { options.access.nodes[index % options.access.nodes.count] }

    private func open(_ node: NodeURL, _ body: @escaping (Stream) -> Void) {
        let endpoint = Endpoint.tcp(host: node.host, port: node.port)
        let milliseconds = BenchLimits.connectMilliseconds
        guard node.scheme == "https", let context else {
            Stream.connect(loop: loop, to: endpoint, timeoutMilliseconds: milliseconds) { [self] in
                didOpen($0.mapError(SecureConnectError.system), node, body)
            }
            return
        }
        Stream.connectSecurely(
            loop: loop, to: endpoint, context: context, host: node.host, timeoutMilliseconds: milliseconds
        ) { [self] in didOpen($0, node, body) }
    }

    private func didOpen(
        _ result: Result<Stream, SecureConnectError>, _ node: NodeURL, _ body: (Stream) -> Void
    ) {
        guard phase != .ended else { return }
        switch result {
        case .success(let stream): body(stream)
        case .failure(let error): end(.failure(.failed("\(node.text): \(error.message)")))
        }
    }

    private func connectMore() {
        while connecting < BenchLimits.connecting, nextViewer < options.connections {
            let index = nextViewer
            let viewer = BenchViewer(
                load: self, task: index % options.tasks, taskName: taskName(index % options.tasks),
                dialect: options.dialect, token: tokens[index / BenchLimits.viewersPerUser % tokens.count])
            viewers.append(viewer)
            nextViewer += 1
            connecting += 1
            open(node(index)) { [self] stream in
                connecting -= 1
                viewer.begin(stream, node: node(index))
                if connecting == 0, nextViewer == options.connections { ask() } else { connectMore() }
            }
        }
    }

    /// Publishes events to every task until every viewer has received one.
    private func ask() {
        guard phase == .connecting || phase == .asking else { return }
        phase = .asking
        for task in 0..<min(options.tasks, options.connections) {
            publisher(of: task).publish(event(number: 0, due: Monotonic.nanoseconds), task: task)
        }
        loop.schedule(after: BenchLimits.probeMilliseconds) { [self] in
            if phase == .asking { ask() }
        }
    }

    private func publisher(of task: Int) -> BenchPublisher { publishers[task % publishers.count] }

    private func event(number: Int, due: UInt64) -> [UInt8] {
        BenchEvent.bytes(number: number, dueMicroseconds: (due - begin) / 1000, size: options.size)
    }

    // MARK: Publishing

    private func startPublishing() {
        phase = .publishing
        figures.connectSeconds = Double(Monotonic.nanoseconds - begin) / 1e9
        start = Monotonic.nanoseconds
        tick()
    }

    private func tick() {
        guard phase == .publishing else { return }
        let elapsed = Monotonic.nanoseconds - start
        let due = min(options.events, Int(Double(elapsed) * Double(options.rate) / 1e9) + 1)
        while enqueued < due {
            let task = enqueued % options.tasks
            let time = start + UInt64(Double(enqueued) * 1e9 / Double(options.rate))
            numbers[task] += 1
            publisher(of: task).publish(event(number: numbers[task], due: time), task: task)
            enqueued += 1
        }
        if enqueued == options.events {
            phase = .waiting
            lastDelivery = max(lastDelivery, Monotonic.nanoseconds)
        }
        loop.schedule(after: phase == .waiting ? 50 : 2) { [self] in
            if phase == .publishing { tick() } else { finishIfQuiet() }
        }
    }

    private func finishIfQuiet() {
        guard phase == .waiting else { return }
        let isComplete = publishers.allSatisfy(\.isIdle) && figures.deliveries >= expected
        let silence = (Monotonic.nanoseconds - lastDelivery) / 1_000_000
        guard !isComplete, silence < BenchLimits.silenceMilliseconds else { return finish() }
        loop.schedule(after: 20) { [self] in finishIfQuiet() }
    }

    private var expected: Int {
        viewers.reduce(0) { $0 + accepted[$1.task] }
    }

    private func finish() {
        figures.expected = expected
        figures.seconds = Double(max(lastDelivery, start + 1) - start) / 1e9
        end(.success(figures))
    }

    private func end(_ result: Result<BenchFigures, CommandFailure>) {
        guard phase != .ended else { return }
        phase = .ended
        completion(result)
    }

    // MARK: Deliveries

    func didReceive(_ viewer: BenchViewer, number: Int, dueMicroseconds: UInt64, now: UInt64) {
        if !viewer.isReady {
            viewer.isReady = true
            ready += 1
            if ready == options.connections, phase == .asking { startPublishing() }
        }
        guard number > 0 else { return }
        guard number > viewer.last else {
            figures.duplicated += 1
            return
        }
        viewer.last = number
        figures.deliveries += 1
        lastDelivery = now
        let microseconds = (now - begin) / 1000
        figures.latency.count(microseconds > dueMicroseconds ? microseconds - dueMicroseconds : 0)
    }

    func didPublish(_ task: Int, _ count: Int) {
        // The first events only test which viewers are ready.
        guard phase != .connecting, phase != .asking, numbers[task] > 0 else { return }
        let news = min(count, numbers[task] - accepted[task])
        accepted[task] += news
        figures.published += news
    }

    func couldNotPublish(_ count: Int, status: Int, body: [UInt8], node: NodeURL) {
        figures.refused += count
        guard phase == .asking || phase == .connecting else { return }
        let words = NodeRefusal.words(status, body, JSONParser(maxBytes: 64 * 1024))
        end(.failure(.failed("\(node.text) refused the events: it answered \(status) (\(words))")))
    }

    func didLosePublisher(_ node: NodeURL) {
        if phase == .connecting || phase == .asking {
            end(.failure(.failed("\(node.text) closed a publisher's connection")))
        }
    }

    func didLose(_ viewer: BenchViewer) {
        guard phase != .ended else { return }
        if phase == .connecting || phase == .asking { return end(.failure(.failed("a viewer: \(viewer.reason)"))) }
        figures.disconnected += 1
    }
}
