import HTTP
import Testing

@Suite("Request target")
struct RequestTargetTests {
    private func get(_ target: String) -> (head: RequestHead?, status: Int?) {
        let outcome = decode("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        return (outcome.heads.first, outcome.error?.status)
    }

    @Test(
        "path segments are percent-decoded once",
        arguments: [
            ("/", []), ("/a", ["a"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a%2Fb/c", ["a/b", "c"]),
            ("/%25%32%46", ["%2F"]), ("/%C3%A9", ["é"]), ("/a+b", ["a+b"]), ("/a%2e%2E/..", ["a..", ".."]),
            ("/task:v_1?x=/y", ["task:v_1"]), ("/{a}|b", ["{a}|b"]),
        ])
    func segments(target: String, expected: [String]) {
        #expect(get(target).head?.segments == expected)
    }

    @Test(
        "a query is decoded as forms are",
        arguments: [
            ("", []), ("a=1&b=2", ["a=1", "b=2"]), ("a", ["a="]), ("a=b=c", ["a=b=c"]), ("&&a=1&", ["a=1"]),
            ("a=x+y%2Bz", ["a=x y+z"]), ("%61=%C3%A9", ["a=é"]), ("=v", ["=v"]), ("a=?/", ["a=?/"]),
        ])
    func query(text: String, expected: [String]) {
        #expect(get("/?" + text).head?.query.items.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test("of a name that comes twice, the first value counts")
    func doubledName() {
        #expect(get("/?token=a&token=b").head?.query["token"] == "a")
    }

    @Test(
        "a target that could be read in two ways is 400",
        arguments: [
            "/%", "/%4", "/%zz", "/%+1", "/%00", "/a%0d%0ab", "/%7f", "/%ff", "/%c3", "/%ed%a0%80", "/?a=%", "/?%zz=1",
            "/?a=%ff", "/?a=%00", "/a#b", "/\u{e9}", "/a\tb", "/a\u{7f}", "a", "ftp://a/b", "http://", "http:///x",
            "http://u@h/", "http://a,b/", "a:80",
        ])
    func refused(target: String) {
        #expect(get(target).status == 400)
    }
}
