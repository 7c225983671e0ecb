using System.ClientModel;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Tests.Guarding;
using OpenAI.Responses;

namespace Gateway.Edge.Tests.StoredObjects;

/// <summary>Responses that providers keep: asked for, continued and deleted by who made them, wherever they are.</summary>
public sealed class StoredResponseTests
{
    private const string OtherKey = "gw-test-key-other-0000000000000000000000000000000";
    private const string TeamKey = "gw-test-key-team-00000000000000000000000000000000";
    private const string TeamMateKey = "gw-test-key-mate-00000000000000000000000000000000";
    private const string BudgetKey = "gw-test-key-budget-000000000000000000000000000000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_response_is_asked_for_listed_cancelled_and_deleted_by_the_id_that_the_caller_got()
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider));
        var (body, id) = await CreateAsync(edge, "both");
        Assert.StartsWith("resp_gw", id, StringComparison.Ordinal);
        Assert.Equal(provider.LastAnswer.Replace("\"id\" : \"resp_a1\"", $"\"id\" : \"{id}\"", StringComparison.Ordinal), body);

        Assert.Equal(body, await ReadAsync(await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}?include[]=reasoning.encrypted_content&api-version=1")));
        Assert.Equal("?include[]=reasoning.encrypted_content", provider.LastQuery);
        var items = await ReadAsync(await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}/input_items?limit=3"));
        Assert.Equal(provider.LastAnswer, items);
        Assert.Equal("?limit=3", provider.LastQuery);
        Assert.Equal(body.Replace("completed", "cancelled", StringComparison.Ordinal), await ReadAsync(await SendAsync(edge, HttpMethod.Post, $"/openai/v1/responses/{id}/cancel")));
        Assert.Equal($$"""{"id":"{{id}}","object":"response","deleted":true}""", await ReadAsync(await SendAsync(edge, HttpMethod.Delete, $"/v1/responses/{id}")));

        // Gone: the provider's own error, in which its id is not to be seen.
        using var gone = await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        var error = await gone.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains($"'{id}'", error, StringComparison.Ordinal);
        Assert.DoesNotContain("resp_a1", error, StringComparison.Ordinal);

        var records = await edge.RecordsAsync(6);
        Assert.All(records.Skip(1), static r => Assert.Equal((Operation.StoredResponse, 0L), (r.Operation, r.CostNanoUsd)));
        Assert.Equal([200, 200, 200, 200, 200, 404], records.Select(static r => r.Status));
        Assert.All(records, static r => Assert.Equal(r.Operation == Operation.Chat ? 3 : 0, r.Tokens.Input));
    }

    [Fact]
    public async Task Every_event_of_a_stream_has_the_callers_id_and_the_stream_can_be_had_again()
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider));
        using var made = await edge.PostAsync("/v1/responses", """{"model":"both","input":"hi","stream":true}""");
        var events = await ReadAsync(made);
        var data = events.Split('\n').First(static l => l.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..];
        var id = JsonNode.Parse(data)!["response"]!["id"]!.GetValue<string>();
        Assert.StartsWith("resp_gw", id, StringComparison.Ordinal);
        Assert.Equal(provider.LastAnswer.Replace("\"id\" : \"resp_a1\"", $"\"id\" : \"{id}\"", StringComparison.Ordinal), events);

        Assert.Equal(events, await ReadAsync(await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}?stream=true")));
        var records = await edge.RecordsAsync(2);
        Assert.Equal((3L, 0L, 0L), (records[0].Tokens.Input, records[1].Tokens.Input, records[1].Tokens.Output));
        Assert.Equal(RequestOutcome.Completed, records[1].Outcome);
        Assert.Equal("completed", JsonNode.Parse(await ReadAsync(await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}")))!["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("redact")]
    [InlineData("block")]
    public async Task What_is_asked_for_again_is_guarded_as_an_answer_is(string action)
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider) + $$"""

            guardrails:
              p: { appliesTo: { routes: [ both ], keys: [ main ] }, rules: [ { detector: regex, action: {{action}}, scopes: [ output ], patterns: [ "resp_a[0-9]" ] } ] }
            """);
        using var made = await edge.PostAsync("/v1/responses", """{"model":"both","input":"hi"}""");
        var id = JsonNode.Parse(await ReadAsync(made))!["id"]!.GetValue<string>();
        using var again = await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}");
        using var cancelled = await SendAsync(edge, HttpMethod.Post, $"/v1/responses/{id}/cancel");
        if (action == "block")
        {
            await EdgeHost.ErrorAsync(again, 400, "content_blocked");
            await EdgeHost.ErrorAsync(cancelled, 400, "content_blocked");
            return;
        }

        using var streamed = await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}?stream=true&starting_after=0");
        Assert.Equal("?stream=true", provider.LastQuery);

        foreach (var response in new[] { again, cancelled })
        {
            var kept = JsonNode.Parse(await ReadAsync(response))!;
            Assert.Equal("say \"[MATCH]\"", kept["output"]![0]!["content"]![0]!["text"]!.GetValue<string>());
            Assert.Equal(id, kept["id"]!.GetValue<string>());
        }

        var events = await ReadAsync(streamed);
        Assert.DoesNotContain("response.created", events, StringComparison.Ordinal);
        Assert.Contains("\"delta\":\"hi\"", events, StringComparison.Ordinal);
        Assert.DoesNotContain("say \\\"resp_a", events, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redact", """[{"entity_type":"PERSON","start":0,"end":3,"score":0.85}]""", "presidio")]
    [InlineData("block", """{"flagged":true,"breakdown":[{"detector_type":"x","detected":true}]}""", "lakera")]
    [InlineData("block", "500", "lakera")]
    public async Task What_is_asked_for_again_waits_for_services_that_are_asked_about_answers(string action, string verdict, string detector)
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var service = await AnsweringService.StartAsync(verdict);

        // Its own route makes it unasked; what is asked for again has no route, so that policies of any count.
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider) + $$"""

            guardrails:
              p: { appliesTo: { routes: [ first ] }, timeoutMilliseconds: 30000, rules: [ { detector: {{detector}}, action: {{action}}, scopes: [ output ], endpoint: { url: "{{service.Address}}" } } ] }
            """);
        var (_, id) = await CreateAsync(edge, "both");
        using var plain = await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}");
        using var streamed = await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{id}?stream=true");
        if (action == "block")
        {
            await EdgeHost.ErrorAsync(plain, verdict == "500" ? 503 : 400, verdict == "500" ? "guardrail_unavailable" : "content_blocked");
            if (verdict == "500")
            {
                var told = await HeldOperationTests.ReadAsync(streamed);
                Assert.Contains("guardrail_unavailable", told, StringComparison.Ordinal);
                Assert.DoesNotContain("say ", told, StringComparison.Ordinal);
                return;
            }

            // As a filter of the provider ends one.
            var ended = await ReadAsync(streamed);
            Assert.Contains("event: response.incomplete", ended, StringComparison.Ordinal);
            Assert.Contains("\"incomplete_details\":{\"reason\":\"content_filter\"}", ended, StringComparison.Ordinal);
            Assert.DoesNotContain("say ", ended, StringComparison.Ordinal);
            Assert.DoesNotContain("response.completed", ended, StringComparison.Ordinal);
            return;
        }

        Assert.StartsWith("[PERSON] \"", JsonNode.Parse(await ReadAsync(plain))!["output"]![0]!["content"]![0]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
        var events = await ReadAsync(streamed);
        Assert.Contains("\"delta\":\"[PERSON]\"", events, StringComparison.Ordinal);
        Assert.DoesNotContain("say ", events, StringComparison.Ordinal);
        Assert.Contains("response.completed", events, StringComparison.Ordinal);
        Assert.Contains(id, events, StringComparison.Ordinal);
        Assert.Equal(2, service.Calls.Count(static c => c.Body.Contains("say", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_continues_a_response_goes_to_who_holds_it()
    {
        await using var first = await StoringProvider.StartAsync("a");
        await using var second = await StoringProvider.StartAsync("b");
        await using var edge = await EdgeHost.StartAsync(Configuration(first, second));
        foreach (var model in (string[])["first", "second"])
        {
            var (_, id) = await CreateAsync(edge, model);
            for (var i = 0; i < 8; i++)
            {
                using var response = await edge.PostAsync("/v1/responses", $$"""{"previous_response_id" : "{{id}}", "model":"both","input":"hi"}""");
                var answer = JsonNode.Parse(await ReadAsync(response))!;
                Assert.Equal(model, response.Headers.GetValues("x-gateway-provider").Single());
                Assert.Equal(id, answer["previous_response_id"]!.GetValue<string>());
                id = answer["id"]!.GetValue<string>();
            }
        }

        var (_, other) = await CreateAsync(edge, "second");
        await EdgeHost.ErrorAsync(await edge.PostAsync("/v1/responses", $$"""{"model":"first","input":"hi","previous_response_id":"{{other}}"}"""), 404, "response_not_found");
        // A member's name may be written with escapes; the id behind it is looked at all the same.
        await EdgeHost.ErrorAsync(await edge.PostAsync("/v1/responses", """{"model":"both","input":"hi","previous_response_\u0069d":"resp_a1"}"""), 404, "response_not_found");
        await EdgeHost.ErrorAsync(await edge.PostAsync("/v1/responses", $$"""{"model":"chat","input":"hi","previous_response_id":"{{other}}x"}"""), 400, "unsupported_by_provider");
    }

    [Fact]
    public async Task Nobody_else_finds_a_response()
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider));
        var (_, id) = await CreateAsync(edge, "both");
        string? message = null;
        foreach (var (key, asked) in ((string, string)[])[(OtherKey, id), (TeamKey, id), (EdgeHost.Key, "resp_a1"), (EdgeHost.Key, id + "A"), (EdgeHost.Key, "resp_gwAAAA"), (EdgeHost.Key, "x%2Fy")])
        {
            foreach (var (method, below) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/cancel"), (HttpMethod.Get, "/input_items")])
            {
                using var response = await SendAsync(edge, method, $"/v1/responses/{asked}{below}", key);
                var told = (await EdgeHost.ErrorAsync(response, 404, "response_not_found"))["message"]!.GetValue<string>();
                Assert.Equal(message ??= told, told);
            }
        }

        using var continued = await SendAsync(edge, HttpMethod.Post, "/v1/responses", OtherKey, $$"""{"model":"both","input":"hi","previous_response_id":"{{id}}"}""");
        await EdgeHost.ErrorAsync(continued, 404, "response_not_found");

        // Keys of one team share what they make.
        using var ofTeam = await SendAsync(edge, HttpMethod.Post, "/v1/responses", TeamKey, """{"model":"both","input":"hi"}""");
        var shared = JsonNode.Parse(await ReadAsync(ofTeam))!["id"]!.GetValue<string>();
        await ReadAsync(await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{shared}", TeamMateKey));
        await EdgeHost.ErrorAsync(await SendAsync(edge, HttpMethod.Get, $"/v1/responses/{shared}"), 404, "response_not_found");
    }

    [Fact]
    public async Task Ids_outlive_the_process()
    {
        await using var provider = await StoringProvider.StartAsync("a");
        var folder = Directory.CreateTempSubdirectory("edge-test-").FullName;
        string id;
        await using (var before = await EdgeHost.StartAsync(Configuration(provider, provider), folder, keepsFolder: true))
        {
            (_, id) = await CreateAsync(before, "both");
        }

        await using var after = await EdgeHost.StartAsync(Configuration(provider, provider), folder);
        await ReadAsync(await SendAsync(after, HttpMethod.Get, $"/v1/responses/{id}"));
    }

    [Fact]
    public async Task What_is_not_stored_keeps_its_bytes()
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider));
        foreach (var stream in (string[])["false", "true"])
        {
            using var response = await edge.PostAsync("/v1/responses", $$"""{"model":"both","input":"hi","store":false,"stream":{{stream}} }""");
            Assert.Equal(await ReadAsync(response), provider.LastAnswer);
        }

        await EdgeHost.ErrorAsync(await SendAsync(edge, HttpMethod.Get, "/v1/responses/resp_a1"), 404, "response_not_found");
    }

    [Fact]
    public async Task Work_in_the_background_is_refused_under_a_budget()
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider));
        using var refused = await SendAsync(edge, HttpMethod.Post, "/v1/responses", BudgetKey, """{"model":"both","input":"hi","background":true}""");
        Assert.Equal("background", (await EdgeHost.ErrorAsync(refused, 400, "unsupported_by_provider"))["param"]!.GetValue<string>());
        await ReadAsync(await edge.PostAsync("/v1/responses", """{"model":"both","input":"hi","background":true}"""));
    }

#pragma warning disable OPENAI001
    [Fact]
    public async Task The_official_client_makes_has_and_deletes_one()
    {
        await using var provider = await StoringProvider.StartAsync("a");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, provider));
        var client = new ResponsesClient(new ApiKeyCredential(EdgeHost.Key), new ResponsesClientOptions { Endpoint = new Uri(edge.Address, "/v1") });
        var made = (await client.CreateResponseAsync(new CreateResponseOptions("both", [ResponseItem.CreateUserMessageItem("hello there")]), Cancellation)).Value;
        var had = (await client.GetResponseAsync(made.Id, cancellationToken: Cancellation)).Value;
        Assert.Equal((made.Id, made.GetOutputText()), (had.Id, had.GetOutputText()));
        Assert.True((await client.DeleteResponseAsync(made.Id, Cancellation)).Value.Deleted);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => client.GetResponseAsync(made.Id, cancellationToken: Cancellation))).Status);
    }
#pragma warning restore OPENAI001

    private static async Task<(string Body, string Id)> CreateAsync(EdgeHost edge, string model)
    {
        var body = await ReadAsync(await edge.PostAsync("/v1/responses", $$"""{"model":"{{model}}","input":"hi"}"""));
        return (body, JsonNode.Parse(body)!["id"]!.GetValue<string>());
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode} {body}");
        return body;
    }

    private static Task<HttpResponseMessage> SendAsync(EdgeHost edge, HttpMethod method, string path, string key = EdgeHost.Key, string? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static string Configuration(StoringProvider first, StoringProvider second) => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          first: { kind: openai, baseUrl: "{{first.BaseUrl}}", nativeResponses: true, apiKey: sk-provider-secret-1234567890 }
          second: { kind: openai, baseUrl: "{{second.BaseUrl}}", nativeResponses: true, apiKey: sk-provider-secret-1234567890 }
          chat: { kind: openai, baseUrl: "{{first.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
        deployments:
          first: { provider: first, model: m, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
          second: { provider: second, model: m, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
          chat: { provider: chat, model: m, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          both: { targets: [ { deployment: first }, { deployment: second } ] }
          first: { targets: [ { deployment: first } ] }
          second: { targets: [ { deployment: second } ] }
          chat: { targets: [ { deployment: chat } ] }
        teams:
          people: { name: People }
        budgets:
          small: { limitUsd: 10, window: month }
        keys:
          main: { value: {{EdgeHost.Key}} }
          other: { value: {{OtherKey}} }
          team: { value: {{TeamKey}}, team: people }
          mate: { value: {{TeamMateKey}}, team: people }
          budget: { value: {{BudgetKey}}, budgets: [ small ] }
        """;
}
