using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>Policies of governance in the edge and the guardrail service, with pseudonyms in the edge's memory or in Redis.</summary>
public abstract class GuardrailTests(LocalGateway gateway, bool isShared) : GatewayTests(gateway)
{
    private const string Maria = "maria@example.com";
    private const string Ada = "ada@example.com";

    [Fact]
    public async Task Originals_stay_here_come_back_and_are_known_after_a_crash_where_redis_keeps_them()
    {
        var (id, key) = await Gateway.NewKeyAsync("guardrails");
        await Gateway.Admin.PostAsync("guardrails", new { id = "stand-ins", order = 1, appliesTo = new { keys = new[] { id } }, rules = new object[] { new { detector = "pii", kinds = new[] { "email" }, action = "pseudonymize" } } });
        await Gateway.Admin.PostAsync("guardrails", new { id = "no-birds", order = 2, appliesTo = new { keys = new[] { id } }, rules = new object[] { new { detector = "keywords", terms = new[] { "falcon" }, action = "redact", scopes = new[] { "input" } } } });
        await Poll.UntilAsync(
            async () => (await SentAsync(key, $"The falcon writes to {Maria}.")).Sent == "The [TERM] writes to [EMAIL_1].", () => "The policies were never in force.");

        var (_, said) = await SentAsync(key, $"Once more the falcon of {Maria}.");
        Assert.Equal($"about {Maria}", said);
        await Poll.UntilAsync(
            async () => (await Gateway.Http.GetStringAsync(Gateway.Url + "/metrics", Cancellation)).Split('\n').Any(static l => l.StartsWith("gateway_guardrails_service_checks_total", StringComparison.Ordinal) && l.Contains("verdict", StringComparison.Ordinal)),
            () => "The guardrail service was never asked.");

        if (isShared)
        {
            var restarts = gateway.Host.RestartsOf("edge");
            gateway.Host.Crash("edge");
            await gateway.Host.RestartedAsync("edge", restarts + 1);
            await Poll.UntilAsync(async () => await TryStatusAsync(key) == System.Net.HttpStatusCode.OK, () => "The edge did not serve again.");

            // Another value gets another name, and what was given out before is put back.
            var after = await SentAsync(key, $"Also tell {Ada}.");
            Assert.Equal(("Also tell [EMAIL_2].", $"about {Maria}"), after);
        }
    }

    private async Task<System.Net.HttpStatusCode?> TryStatusAsync(string key)
    {
        try
        {
            return await Gateway.StatusWithAsync(key);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What of a message came to the provider, and what the caller was told: the provider speaks of the first e-mail address.</summary>
    private async Task<(string Sent, string Said)> SentAsync(string key, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Gateway.Url + "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "sim-guarded?text=about%20[EMAIL_1]", messages = new[] { new { role = "user", content = message } } }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("x-gateway-session", "guarded");
        using var response = await Gateway.Http.SendAsync(request, Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, body);
        var sent = Gateway.Simulator.Received.Select(static r => r.BodyText).Last(static b => b.Contains("sim-guarded", StringComparison.Ordinal));
        return ((string)JsonNode.Parse(sent)!["messages"]![0]!["content"]!, (string)JsonNode.Parse(body)!["choices"]![0]!["message"]!["content"]!);
    }
}
