import Topology
import Access
import EventLoop
import Events
import HTTP
import JSON
import RESP
import Redis
import Settings
import Testing
import Web

@testable import REST

/// The rows of every node, compared with the description of REST that it serves.
@Suite("The table and openapi.json")
struct DescribedRoutesTests {
    private final class Survey: NodeSurvey {
        var isStopping: Bool { false }
        nonisolated(nonsending) func condition() async -> NodeCondition { NodeCondition([]) }
        nonisolated(nonsending) func metrics() async -> [UInt8] { [] }
    }

    private struct NoTasks: TaskReader {
        nonisolated(nonsending) func read(
            _ channel: ChannelName, since: Position?, bytes: Int
        ) async throws(RedisError) -> ChannelAnswer { throw .closed }
        nonisolated(nonsending) func read(
            all channels: [ChannelName]
        ) async throws(RedisError) -> [ChannelAnswer] { throw .closed }
        func taskState(in answer: ChannelAnswer, of channel: ChannelName) -> TaskState { fatalError("no task is read") }
    }

    private let routes: [Route]

    init() throws {
        let bus = RedisConnector(try RedisEndpoint(parsing: "redis://127.0.0.1:1"))
            .bus(loop: try EventLoop(name: "never started"), name: "test", scripts: [])
        routes =
            RouteTable.all(
                bus: bus, reader: NoTasks(), node: Survey(), configuration: Configuration(), limits: NodeLimits(),
                now: { 0 }, closing: { $0 }
            ).routes
    }

    /// A line for each operation: its method and path, whether it needs a token, takes a body, may be repeated.
    private static func line(_ method: String, _ path: String, token: Bool, body: Bool, key: Bool) -> String {
        "\(method) \(path)\(token ? " token" : "")\(body ? " body" : "")\(key ? " key" : "")"
    }

    private func described() throws -> Set<String> {
        let file = try #require(WebFile.at("/openapi.json"))
        let parser = JSONParser(maxBytes: file.bytes.count, maxDepth: 64)
        let paths = try #require(try parser.object(file.bytes)["paths"]?.object(parser))
        var lines: Set<String> = []
        for path in paths.fields {
            let item = try #require(path.value.object(parser))
            for operation in item.fields {
                let method = String(decoding: operation.rawKey, as: UTF8.self).uppercased()
                guard method != "PARAMETERS", let object = operation.value.object(parser) else { continue }
                let parameters = (object["parameters"]?.elements ?? []).map { String(decoding: $0.raw, as: UTF8.self) }
                lines.insert(
                    Self.line(
                        method, String(decoding: path.rawKey, as: UTF8.self), token: object["security"] == nil,
                        body: object["requestBody"] != nil,
                        key: parameters.contains { $0.lowercased().contains("idempotency") }))
            }
        }
        return lines
    }

    @Test("both have the same paths and methods, and agree on tokens, bodies and keys of idempotency")
    func same() throws {
        var rows: Set<String> = []
        for route in routes {
            guard let method = route.method else { continue }
            let path = route.pattern.text
            let isWeb = WebFile.at(path) != nil || (path.hasSuffix("/") && WebFile.at(String(path.dropLast())) != nil)
            guard !isWeb && path != "//" || path == "/openapi.json" else { continue }
            var needsToken = true
            if case .open = route.handler { needsToken = false }
            rows.insert(
                Self.line(
                    method.rawValue, path, token: needsToken, body: route.takesBody, key: route.isRepeatable))
        }
        let described = try described()
        #expect(rows.subtracting(described) == [] && described.subtracting(rows) == [])
        #expect(rows.count >= 15)
    }

    @Test("no two rows want the same requests, and all rows of a path are at one port")
    func distinct() {
        let rows = Dictionary(grouping: routes, by: \.pattern.text)
        for (path, rows) in rows {
            #expect(Set(rows.map { "\($0.port)" }).count == 1, "\(path)")
            let methods = rows.compactMap { route -> String? in
                if case .stream = route.handler { return nil }
                return route.method?.rawValue ?? "any"
            }
            #expect(Set(methods).count == methods.count, "\(path)")
        }
    }

    @Test("the internal port serves health, metrics and the list of nodes, and nothing else")
    func operators() {
        let paths = routes.filter { $0.port == .operators }.map(\.pattern.text)
        #expect(Set(paths) == ["/health/live", "/health/ready", "/metrics", "/api/v1/nodes"])
    }

    @Test("every file that browsers load is a row, and a page with a slash behind it leads to the page")
    func web() throws {
        let table = RouteTable(routes)
        for (path, file) in WebFile.all {
            for (path, isRow) in [(path, true), (path + "/", file.isPage)] {
                let head = try RequestHead(parsing: Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                var found = false
                if case .route = table.find(head, at: .clients) { found = true }
                #expect(found == isRow, "\(path)")
            }
        }
    }
}
