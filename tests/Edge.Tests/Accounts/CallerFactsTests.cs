using System.Net;
using System.Text;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Accounts;

public sealed class CallerFactsTests
{
    [Theory]
    [InlineData("/v1/chat/completions", "\"user\":\"u1\"", "", "", "u1")]
    [InlineData("/v1/chat/completions", "\"safety_identifier\":\"s1\",\"user\":\"u1\"", "", "", "s1")]
    [InlineData("/v1/chat/completions", "\"user\":\"u1\",\"metadata\":{\"user_id\":\"m1\"}", "", "", "u1")]
    [InlineData("/v1/chat/completions", "\"user\":\"u1\"", "x-gateway-end-user", "h1", "h1")]
    [InlineData("/v1/chat/completions", "\"user\":\"u1\"", "x-gateway-end-user", " ", "u1")]
    [InlineData("/v1/chat/completions", "\"temperature\":0", "x-gateway-metadata", "user_id=m2", "m2")]
    [InlineData("/v1/chat/completions", "\"user\":\"zo\\u00eb\"", "", "", "zoë")]
    [InlineData("/v1/chat/completions", "\"user\":\"\\ud800\"", "", "", "")]
    [InlineData("/v1/chat/completions", "\"user\":17", "", "", "")]
    [InlineData("/v1/chat/completions", "\"user\":null,\"metadata\":{\"user_id\":12}", "", "", "12")]
    [InlineData("/v1/messages", "\"max_tokens\":9,\"metadata\":{\"user_id\":\"a1\"}", "", "", "a1")]
    [InlineData("/v1/messages", "\"max_tokens\":9", "", "", "")]
    public async Task The_end_user_is_found_where_the_defaults_say(string path, string more, string header, string value, string expected)
        => Assert.Equal(expected, (await RecordAsync("", "", path, more, (header, value))).EndUser);

    [Theory]
    [InlineData("[user, header]", "u1")]
    [InlineData("[metadata.team, user]", "red")]
    [InlineData("[]", "")]
    public async Task The_settings_say_where_end_users_are_named_and_in_what_order(string setting, string expected)
        => Assert.Equal(expected, (await RecordAsync($"settings: {{ endUser: {setting} }}", "", "/v1/chat/completions", "\"user\":\"u1\",\"metadata\":{\"team\":\"red\"}", ("x-gateway-end-user", "h1"))).EndUser);

    [Fact]
    public async Task An_end_user_with_a_long_name_stands_for_himself_by_its_hash()
    {
        var name = new string('x', 300);
        var first = await RecordAsync("", "", "/v1/chat/completions", $"\"user\":\"{name}\"");
        var other = await RecordAsync("", "", "/v1/chat/completions", $"\"user\":\"{name}y\"");
        Assert.StartsWith("sha256:", first.EndUser, StringComparison.Ordinal);
        Assert.NotEqual(first.EndUser, other.EndUser);
        Assert.Equal(name[..256], (await RecordAsync("", "", "/v1/chat/completions", $"\"user\":\"{name[..256]}\"")).EndUser);
    }

    [Theory]
    [InlineData("", "\"n\":1", "", "", "")]
    [InlineData(", tags: [k1, k2]", "\"n\":1", "", "", "k1 k2")]
    [InlineData(", tags: [k1]", "\"n\":1", "x-gateway-tags", "r1, k1,r2", "k1 r1 r2")]
    [InlineData("", "\"n\":1", "x-gateway-metadata", "{\"tags\":\"r1,r2\"}", "r1 r2")]
    [InlineData(", tags: [k1]", "\"metadata\":{\"tags\":\"a,b\"}", "x-gateway-tags", "c", "k1 c a b")]
    [InlineData("", "\"metadata\":{\"tags\":[\"a\",\"not good\",{\"x\":[1]},\"b\"]}", "", "", "a b")]
    public async Task Tags_of_the_key_and_of_the_request_are_recorded(string keyMore, string more, string header, string value, string expected)
        => Assert.Equal(expected, string.Join(' ', (await RecordAsync("", keyMore, "/v1/chat/completions", more, (header, value))).Tags));

    [Theory]
    [InlineData("x-gateway-session", "conversation 7", "conversation 7")]
    [InlineData("baggage", "a=1;p=2, session.id=s%201 ;x=y,b=2", "s 1")]
    [InlineData("baggage", "session.id=%00", "")]
    [InlineData("baggage", "other=1", "")]
    public async Task The_session_is_recorded(string header, string value, string expected)
        => Assert.Equal(expected, (await RecordAsync("", "", "/v1/chat/completions", "\"n\":1", (header, value))).SessionId);

    [Theory]
    [InlineData("x-gateway-tags", "bad!tag")]
    [InlineData("x-gateway-tags", "65")]
    [InlineData("x-gateway-metadata", "{\"tags\":\"b\\u00e4d\"}")]
    [InlineData("x-gateway-session", "129")]
    public async Task What_is_wrong_in_a_header_meant_for_the_gateway_is_an_error(string header, string value)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        value = int.TryParse(value, out var length) ? new string('x', length) : value;
        using var response = await SendAsync(edge, "/v1/chat/completions", EdgeHost.Chat("sim"), (header, value));
        var error = await EdgeHost.ErrorAsync(response, 400, "invalid_value");
        Assert.Equal(header, error["param"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_request_has_at_most_fifty_tags_of_its_own()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        foreach (var (count, status) in new[] { (50, HttpStatusCode.OK), (51, HttpStatusCode.BadRequest) })
        {
            using var response = await SendAsync(edge, "/v1/chat/completions", EdgeHost.Chat("sim"), ("x-gateway-tags", string.Join(',', Enumerable.Range(0, count).Select(static i => "t" + i))));
            Assert.Equal(status, response.StatusCode);
        }
    }

    private static async Task<UsageRecord> RecordAsync(string settings, string keyMore, string path, string more, params (string Name, string Value)[] headers)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, settings, keyMore);
        using var response = await SendAsync(edge, path, EdgeHost.Chat("sim", more), headers);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (await edge.RecordsAsync(1)).Single();
    }

    private static async Task<HttpResponseMessage> SendAsync(EdgeHost edge, string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers.Where(static h => h.Name.Length > 0))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
