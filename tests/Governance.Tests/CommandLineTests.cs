using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

/// <summary>The command <c>gateway</c> against a running service, and without one.</summary>
public sealed class CommandLineTests() : GovernanceTests(null)
{
    private const string LiteLlm =
        """
        model_list:
          - model_name: gpt-4o
            litellm_params: {model: azure/gpt-4o-eu, api_base: "https://eu.openai.azure.com/", api_key: os.environ/AZURE_KEY, api_version: "2025-01-01", rpm: 6}
            model_info: {input_cost_per_token: 0.0000025, output_cost_per_token: 0.00001, base_model: azure/gpt-4o}
          - model_name: gpt-4o
            litellm_params: {model: openai/gpt-4o, api_key: sk-written-out}
          - model_name: claude
            litellm_params: {model: anthropic/claude-sonnet-4, api_key: os.environ/ANTHROPIC_KEY}
          - model_name: local
            litellm_params: {model: hosted_vllm/my-model, api_base: "http://127.0.0.1:8000/v1"}
          - model_name: strange
            litellm_params: {model: nobody/knows}
        router_settings:
          routing_strategy: least-busy
          model_group_alias: {gpt-4: gpt-4o}
          redis_host: localhost
        litellm_settings:
          num_retries: 2
          drop_params: true
          fallbacks: [{gpt-4o: [claude]}]
        general_settings:
          master_key: sk-1234
        """;

    private const string Bifrost =
        """
        {"providers": {
           "openai": {"keys": [{"name": "a", "value": "env.OPENAI_A", "models": ["gpt-4o"], "weight": 0.7}, {"name": "b", "value": "env.OPENAI_B", "models": ["gpt-4o"], "weight": 0.3}]},
           "bedrock": {"keys": [{"name": "aws", "models": ["*"], "weight": 1, "bedrock_key_config": {"access_key": "env.AWS_ID", "secret_key": "env.AWS_SECRET", "region": "eu-central-1"}}]}},
         "governance": {
           "budgets": [{"id": "b1", "max_limit": 12.5, "reset_duration": "1M"}, {"id": "b2", "max_limit": 1, "reset_duration": "30s"}],
           "rate_limits": [{"id": "r1", "request_max_limit": 600, "request_reset_duration": "1h", "token_max_limit": 1000, "token_reset_duration": "1m"}],
           "customers": [{"id": "c1", "name": "Acme", "budget_id": "b1"}],
           "teams": [{"id": "t1", "name": "Team", "customer_id": "c1"}],
           "virtual_keys": [{"id": "vk-1", "name": "One", "value": "sk-bf-1", "is_active": true, "team_id": "t1", "rate_limit_id": "r1",
             "provider_configs": [{"provider": "openai", "weight": 0.5, "allowed_models": ["gpt-4o"]}]}]},
         "config_store": {"enabled": false}}
        """;

    [Theory]
    [InlineData("litellm", LiteLlm)]
    [InlineData("bifrost", Bifrost)]
    public async Task What_is_imported_applies_and_what_is_not_is_told_with_its_place(string format, string text)
    {
        var instance = await StartAsync();
        var (source, target) = (Path.Combine(DataDirectory, "source"), Path.Combine(DataDirectory, "target.yaml"));
        await File.WriteAllTextAsync(source, text, Cancellation);

        var import = await RunAsync(instance, "config", "import", format, source, "--to", target);
        var apply = await RunAsync(instance, "config", "apply", "-f", target);
        var diff = await RunAsync(instance, "config", "diff", "-f", target, "--json");

        Assert.True(import.Exit == 0, import.Errors);
        Assert.True(apply.Exit == 0, apply.Errors + await File.ReadAllTextAsync(target, Cancellation));
        Assert.Empty(JsonNode.Parse(diff.Output)!["changes"]!.AsArray());
        var snapshot = await SnapshotAsync(instance);
        if (format == "litellm")
        {
            foreach (var place in (string[])["model_list[0].litellm_params.rpm", "model_list[0].model_info.base_model", "model_list[1].litellm_params.api_key", "model_list[4]",
                "router_settings.redis_host", "litellm_settings.drop_params", "general_settings.master_key"])
            {
                Assert.Contains($"{place}: ", import.Errors, StringComparison.Ordinal);
            }

            var route = snapshot.Routes.Single(r => r.Name == "gpt-4o");
            Assert.Equal((2, 3, "LeastInFlight"), (route.Targets.Count, route.MaxAttempts, route.Strategy.ToString()));
            Assert.Equal(["gpt-4"], route.Aliases);
            Assert.Equal(["claude"], route.Fallbacks);
            Assert.Equal(2_500_000_000, snapshot.Deployments.Single(d => d.Model == "gpt-4o-eu").Price!.InputPerMillion);
            Assert.Contains(snapshot.Credentials, c => c.Secret == "value-of-AZURE_KEY");
        }
        else
        {
            foreach (var place in (string[])["governance.budgets[1]", "governance.virtual_keys[0].value", "governance.virtual_keys[0].provider_configs[0].weight", "config_store"])
            {
                Assert.Contains($"{place}: ", import.Errors, StringComparison.Ordinal);
            }

            Assert.Equal([70, 30], snapshot.Routes.Single(r => r.Name == "openai/gpt-4o").Targets.Select(t => t.Weight));
            var key = snapshot.Keys.Single();
            Assert.Equal(("t1", 10L, 1000L), (key.TeamId, key.Limits.RequestsPerMinute, key.Limits.TokensPerMinute));
            Assert.Equal(["openai/gpt-4o"], key.AllowedModels);
            Assert.Equal("c1", snapshot.Teams.Single().CustomerId);
            Assert.Contains("new key vk-1: gw-", apply.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("litellm", LiteLlm)]
    [InlineData("bifrost", Bifrost)]
    public async Task The_same_is_imported_by_http_with_secrets_by_reference(string format, string text)
    {
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["AZURE_KEY"] = "sk-azure", ["ANTHROPIC_KEY"] = "sk-ant", ["OPENAI_A"] = "sk-a", ["OPENAI_B"] = "sk-b", ["AWS_SECRET"] = "aws" });
        var asked = await ImportAsync(instance, $"format={format}", text);
        if (format == "bifrost")
        {
            // An access key id is no secret and not taken from here: whoever imports gives it.
            Assert.Equal(400, asked.Status);
            Assert.Equal(["credentials.aws.aws.accessKeyId"], FieldsOf(asked.Body));
        }

        var dry = await ImportAsync(instance, $"format={format}&set=AWS_ID=AKID&dryRun=true", text);
        Assert.True(dry.Status == 200, dry.Body.ToJsonString());
        if (format == "bifrost")
        {
            Assert.DoesNotContain((await SnapshotAsync(instance)).Routes, r => r.Name == "openai/gpt-4o");
        }

        var done = await ImportAsync(instance, $"format={format}&set=AWS_ID=AKID", text);
        Assert.True(done.Status == 200, done.Body.ToJsonString());
        Assert.NotEmpty(done.Body["notes"]!.AsArray());
        var again = await ImportAsync(instance, $"format={format}&set=AWS_ID=AKID", text);
        Assert.Empty(again.Body["applied"]!["changes"]!.AsArray());
        var credentials = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/credentials"))["items"]!.AsArray();
        Assert.Contains(credentials, c => c!["secretRef"]?["name"]?.GetValue<string>() == (format == "litellm" ? "AZURE_KEY" : "OPENAI_A"));
        Assert.NotEmpty((await SnapshotAsync(instance)).Routes);
        Assert.DoesNotContain("sk-written-out", done.Body.ToJsonString(), StringComparison.Ordinal);

        Assert.Equal(400, (await ImportAsync(instance, "format=portkey", text)).Status);
        Assert.Equal(400, (await ImportAsync(instance, $"format={format}", "a: [")).Status);
    }

    private static async Task<(int Status, JsonObject Body)> ImportAsync(Instance instance, string query, string text)
    {
        using var content = new StringContent(text, System.Text.Encoding.UTF8, "application/yaml");
        using var answer = await instance.Admin.PostAsync(new Uri($"/api/config/import?{query}", UriKind.Relative), content, Cancellation);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!.AsObject());
    }

    [Fact]
    public async Task A_log_taken_out_is_verified_offline_and_damage_has_its_own_exit_code()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = $"t{i}", name = "t" });
        }

        var folder = Path.Combine(DataDirectory, "out");
        Assert.Equal(0, (await RunAsync(instance, "audit", "verify")).Exit);
        Assert.Equal(0, (await RunAsync(instance, "audit", "export", "--to", folder)).Exit);
        string[] verify = ["audit", "verify", "--file", Path.Combine(folder, "audit.jsonl"), "--checkpoints", Path.Combine(folder, "checkpoints.jsonl"), "--public-key", Path.Combine(folder, "public-key.pem")];
        var whole = await RunAsync(null, verify);
        var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "audit.jsonl"), Cancellation);
        await File.WriteAllLinesAsync(Path.Combine(folder, "audit.jsonl"), lines.Where((_, i) => i != 1), Cancellation);
        var damaged = await RunAsync(null, verify);

        Assert.True(whole.Exit == 0, whole.Output);
        Assert.Equal(3, damaged.Exit);
        Assert.Contains("Row 2 of gateway was deleted.", damaged.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_history_and_reports_work_from_the_command_line()
    {
        var instance = await StartAsync();
        var created = await RunAsync(instance, "keys", "create", "--name", "One", "--id", "k1", "--json", "--reason", "ticket 7");
        var key = JsonNode.Parse(created.Output)!["key"]!.GetValue<string>();
        var version = JsonNode.Parse(created.Output)!["version"]!.GetValue<long>();
        Assert.DoesNotContain(key, (await RunAsync(instance, "keys", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(instance, "keys", "block", "k1")).Exit);
        Assert.Contains("ticket 7", (await RunAsync(instance, "config", "history", "keys/k1", "--json")).Output, StringComparison.Ordinal);
        Assert.Contains("nothing was written", (await RunAsync(instance, "config", "rollback", $"{version}", "--entry", "keys/k1")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(instance, "config", "rollback", $"{version}", "--entry", "keys/k1", "--yes")).Exit);
        Assert.True((await SnapshotAsync(instance)).Keys.Single().Enabled);
        foreach (var report in (string[])["status", "usage", "budgets"])
        {
            Assert.Equal(0, (await RunAsync(instance, report)).Exit);
        }

        var rotated = JsonNode.Parse((await RunAsync(instance, "keys", "rotate", "k1", "--overlap", "24h", "--json")).Output)!;
        var entry = (await SnapshotAsync(instance)).Keys.Single();
        Assert.Equal((Governance.Keys.KeyMaterial.Hash(rotated["key"]!.GetValue<string>()), Governance.Keys.KeyMaterial.Hash(key)), (entry.Sha256, entry.PreviousSha256));
        Assert.InRange(entry.PreviousUntil!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        Assert.Equal(0, (await RunAsync(instance, "keys", "rotate", "k1")).Exit);
        Assert.Null((await SnapshotAsync(instance)).Keys.Single().PreviousSha256);
        Assert.Equal(1, (await RunAsync(instance, "keys", "rotate", "k1", "--overlap", "soon")).Exit);
        Assert.Equal(1, (await RunAsync(instance, "keys", "rotate", "k1", "--overlap", "31d")).Exit);

        var missing = await RunAsync(instance, "keys", "rotate", "none");
        Assert.Equal(1, missing.Exit);
        Assert.Contains("There is no key 'none'", missing.Errors, StringComparison.Ordinal);
        Assert.Equal(4, (await RunAsync(instance, "status", "--url", "http://127.0.0.1:1")).Exit);
        Assert.Equal(1, (await RunAsync(null, "status", "--url", "nowhere")).Exit);
        Assert.Contains("apply", (await RunAsync(null, "config", "--help")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_of_an_mcp_client_are_imported_and_their_tools_approved()
    {
        var instance = await StartAsync();
        var source = Path.Combine(DataDirectory, "mcp.json");
        await File.WriteAllTextAsync(source, """{"mcpServers":{"web":{"url":"https://web.example/mcp","headers":{"Authorization":"Bearer t0p"},"autoApprove":["*"]}}}""", Cancellation);
        var import = await RunAsync(instance, "mcp", "import", source);
        Assert.Equal(0, import.Exit);
        Assert.Contains("web-authorization", import.Output);
        Assert.Contains("autoApprove", import.Errors);
        await DoAsync(instance.Internal, HttpMethod.Post, "/internal/mcp/tools", """
            {"hubId":"h","servers":[{"serverId":"web","tools":[{"name":"get","definition":"{\"name\":\"get\",\"description\":\"Gets.\"}"},{"name":"odd","definition":"{\"name\":\"odd\",\"description\":\"Od\u202ed.\"}"}]}]}
            """);
        Assert.Contains("HiddenText", (await RunAsync(instance, "mcp", "tools", "--server", "web")).Output);
        Assert.Equal(0, (await RunAsync(instance, "mcp", "approve", "--server", "web")).Exit);
        Assert.Contains("web/get", (await RunAsync(instance, "mcp", "tools", "--state", "approved")).Output);
        Assert.Contains("web/odd", (await RunAsync(instance, "mcp", "tools", "--state", "new")).Output);
        Assert.Equal(0, (await RunAsync(instance, "mcp", "approve", "web/odd")).Exit);
        Assert.Equal(2, (await SnapshotAsync(instance)).McpTools.Count);
        Assert.Equal(1, (await RunAsync(instance, "mcp", "approve")).Exit);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(Instance? instance, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await GatewayCommand.RunAsync(args, output, errors, Variable, Cancellation);
        return (exit, output.ToString(), errors.ToString());

        string? Variable(string name) => name switch
        {
            "GATEWAY_URL" => instance?.Address.ToString(),
            "GATEWAY_ADMIN_KEY" => instance?.Admin.DefaultRequestHeaders.Authorization?.Parameter ?? "gwa-none",
            _ => $"value-of-{name}",
        };
    }
}
