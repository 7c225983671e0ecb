using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Tests.Configuration;

/// <summary>The sections of the MCP hub in the file: read whole, and refused with the line of what is wrong.</summary>
public sealed class McpFileTests
{
    private const string Head = """
        version: 1
        autoProviders: false
        keys: { k: { value: gw-0123456789abcdef } }

        """;

    [Fact]
    public void Everything_is_read_with_all_its_members()
    {
        var print = new string('A', 64);
        var result = Files.Parse(
            Head + $$"""
            teams: { t: {} }
            customers: { c: {} }
            guardrails: { g: { rules: [ { detector: keywords, terms: [x], scopes: [mcp] } ] } }
            mcpServers:
              web:
                name: Web
                description: Searches.
                enabled: false
                transport: sse
                url: https://mcp.example.com/sse?x=1
                allowLinkLocal: true
                headers: { X-One: "${ONE}" }
                auth: { secret: "${TOKEN}", header: X-Key, scheme: none, oauth: { clientId: i, scopes: [a], perUser: true, issuer: "https://login.example.com" } }
                timeoutSeconds: 5
                maxResponseBytes: 2048
                maxConcurrentCalls: 3
                trust: all
                approved: { search: {{print}}, old: {{print}} }
                withheld: [old, other]
                labels: [untrusted]
                tools:
                - { tool: "s*", enabled: false, priceUsd: 0.002, timeoutSeconds: 7, limitPerMinute: 8, approval: caller, labels: [] }
                - { tool: x }
              files:
                transport: stdio
                stdio: { command: npx, arguments: [-y, "${ONE}"], passEnvironment: [LANG], environment: { A: "${TOKEN}" }, folder: /srv, maxMemoryBytes: 16777216, maxCpuSeconds: 9, perSession: true }
              rest:
                transport: openApi
                openApi: { documentUrl: "https://api.example.com/openapi.json", include: ["get*"], exclude: [getAll], securityScheme: s, shapes: [ { operation: getOne, keep: [a.b], maxItems: 1, maxTextLength: 2 } ] }
            mcpBundles:
              both: { name: Both, description: Two., enabled: false, tools: ["web/*", files/read] }
            mcpPolicies:
              p:
                name: P
                enabled: false
                order: 3
                appliesTo: { customers: [c], teams: [t], keys: [k], tags: [a] }
                allow: [ { tools: ["web/*"], arguments: [ { path: a.b, values: ["x*"] } ] } ]
                deny: [ { tools: ["*/delete"] } ]
                approve: [ { calls: { tools: ["files/*"] }, by: caller } ]
                limits: [ { tools: ["*/*"], perMinute: 5, perKey: false } ]
                dataFlow: deny
                guardrailPolicies: [g]
            """,
            ("ONE", "first"),
            ("TOKEN", "secret"));
        Assert.Equal("", Files.Describe(result));
        var snapshot = result.Snapshot!;
        var web = snapshot.McpServers[0];
        Assert.Equal(
            ("Web", "Searches.", false, McpTransport.Sse, "https://mcp.example.com/sse?x=1", true, "first", 5, 2048, 3, McpTrust.All),
            (web.Name, web.Description, web.Enabled, web.Transport, web.Url, web.AllowLinkLocal, web.Headers["x-one"], web.TimeoutSeconds, web.MaxResponseBytes, web.MaxConcurrentCalls, web.Trust));
        Assert.Equal(("web", "X-Key", "", "i", true, "https://login.example.com"), (web.Auth!.CredentialId, web.Auth.Header, web.Auth.Scheme, web.Auth.OAuth!.ClientId, web.Auth.OAuth.PerUser, web.Auth.OAuth.Issuer));
        Assert.Equal(("web", "web", "secret"), (snapshot.McpCredentials[0].Id, snapshot.McpCredentials[0].ProviderId, Assert.Single(snapshot.McpCredentials).Secret));
        Assert.Equal([McpLabel.Untrusted], web.Labels);
        var tool = web.Tools[0];
        Assert.Equal(("s*", false, 2_000_000L, 7, 8, McpApproval.Caller, 0), (tool.Tool, tool.Enabled, tool.PriceNanoUsd, tool.TimeoutSeconds, tool.LimitPerMinute, tool.Approval, tool.Labels!.Count));
        Assert.Equal((null, null, null, null), (web.Tools[1].Enabled, web.Tools[1].PriceNanoUsd, web.Tools[1].Approval, web.Tools[1].Labels));
        Assert.Equal(["web/search False a", "web/old True a", "web/other True "], snapshot.McpTools.Select(static t => $"{t.Id} {t.Withheld} {t.Fingerprint.TrimStart('a')}{(t.Fingerprint.Length > 0 ? "a" : "")}"));
        var stdio = snapshot.McpServers[1].Stdio!;
        Assert.Equal("npx -y first LANG A=secret /srv 16777216 9 True", $"{stdio.Command} {string.Join(' ', stdio.Arguments)} {stdio.PassEnvironment[0]} {stdio.Environment[0].Name}={stdio.Environment[0].Value} {stdio.Folder} {stdio.MaxMemoryBytes} {stdio.MaxCpuSeconds} {stdio.PerSession}");
        var rest = snapshot.McpServers[2].OpenApi!;
        Assert.Equal("https://api.example.com/openapi.json get* getAll s getOne a.b 1 2", $"{rest.DocumentUrl} {rest.Include[0]} {rest.Exclude[0]} {rest.SecurityScheme} {rest.Shapes[0].Operation} {rest.Shapes[0].Keep[0]} {rest.Shapes[0].MaxItems} {rest.Shapes[0].MaxTextLength}");
        Assert.Equal((McpTrust.Review, 60, true), (snapshot.McpServers[1].Trust, snapshot.McpServers[1].TimeoutSeconds, snapshot.McpServers[1].Enabled));
        var bundle = Assert.Single(snapshot.McpBundles);
        Assert.Equal(("both", "Both", "Two.", false, "web/* files/read"), (bundle.Id, bundle.Name, bundle.Description, bundle.Enabled, string.Join(' ', bundle.Tools)));
        var policy = Assert.Single(snapshot.McpPolicies);
        Assert.Equal(("P", false, 3, "c t k a", McpFlow.Deny, "g"), (policy.Name, policy.Enabled, policy.Order, string.Join(' ', (string[])[.. policy.AppliesTo!.Customers, .. policy.AppliesTo.Teams, .. policy.AppliesTo.Keys, .. policy.AppliesTo.Tags]), policy.DataFlow, policy.GuardrailPolicies[0]));
        Assert.Equal(("web/*", "a.b", "x*", "*/delete"), (policy.Allow[0].Tools[0], policy.Allow[0].Arguments[0].Path, policy.Allow[0].Arguments[0].Values[0], policy.Deny[0].Tools[0]));
        Assert.Equal(("files/*", McpApproval.Caller, 5, false), (policy.Approve[0].Calls.Tools[0], policy.Approve[0].By, policy.Limits[0].PerMinute, policy.Limits[0].PerKey));
    }

    [Theory]
    [InlineData("mcpServers: { A: { url: \"http://a\" } }", "mcpServers.A")]
    [InlineData("mcpServers: { gateway: { url: \"http://a\" } }", "mcpServers.gateway")]
    [InlineData("mcpServers: { a: {} }", "mcpServers.a.url")]
    [InlineData("mcpServers: { a: { url: \"ftp://a\" } }", "mcpServers.a.url")]
    [InlineData("mcpServers: { a: { url: \"http://u:p@a\" } }", "mcpServers.a.url")]
    [InlineData("mcpServers: { a: { url: \"http://a\", transport: http2 } }", "mcpServers.a.transport")]
    [InlineData("mcpServers: { a: { url: \"http://a\", trust: firstUse } }", "mcpServers.a.trust")]
    [InlineData("mcpServers: { a: { url: \"http://a\", stdio: { command: x } } }", "mcpServers.a.stdio")]
    [InlineData("mcpServers: { a: { transport: stdio } }", "mcpServers.a.stdio")]
    [InlineData("mcpServers: { a: { transport: stdio, stdio: { command: x }, auth: { secret: s } } }", "mcpServers.a.auth")]
    [InlineData("mcpServers: { a: { transport: stdio, stdio: { command: x, folder: here } } }", "mcpServers.a.stdio.folder")]
    [InlineData("mcpServers: { a: { transport: stdio, stdio: { command: x, passEnvironment: [1A] } } }", "mcpServers.a.stdio.passEnvironment[0]")]
    [InlineData("mcpServers: { a: { transport: openApi, openApi: {} } }", "mcpServers.a.openApi")]
    [InlineData("mcpServers: { a: { url: \"http://a\", auth: {} } }", "mcpServers.a.auth")]
    [InlineData("mcpServers: { a: { url: \"http://a\", headers: { Host: x } } }", "mcpServers.a.headers.Host")]
    [InlineData("mcpServers: { a: { url: \"http://a\", labels: [secret] } }", "mcpServers.a.labels[0]")]
    [InlineData("mcpServers: { a: { url: \"http://a\", approved: { t: abc } } }", "mcpServers.a.approved.t")]
    [InlineData("mcpServers: { a: { url: \"http://a\", tools: [ { tool: \"*a*\" } ] } }", "mcpServers.a.tools[0].tool")]
    [InlineData("mcpServers: { a: { url: \"http://a\", tools: [ { tool: x, price: 1 } ] } }", "mcpServers.a.tools[0].price")]
    [InlineData("mcpBundles: { b: { tools: [] } }", "mcpBundles.b.tools")]
    [InlineData("mcpBundles: { b: { tools: [x] } }", "mcpBundles.b.tools[0]")]
    [InlineData("mcpPolicies: { p: { allow: [ { tools: [\"a/*\"], arguments: [ { path: x, values: [\"/a/../b\"] } ] } ] } }", "mcpPolicies.p.allow[0].arguments[0].values[0]")]
    [InlineData("mcpPolicies: { p: { deny: [ { tools: [\"a/*\"], arguments: [ { path: x..y, values: [b] } ] } ] } }", "mcpPolicies.p.deny[0].arguments[0].path")]
    [InlineData("mcpPolicies: { p: { approve: [ { by: admin } ] } }", "mcpPolicies.p.approve[0].calls")]
    [InlineData("mcpPolicies: { p: { limits: [ { tools: [\"a/*\"] } ] } }", "mcpPolicies.p.limits[0].perMinute")]
    [InlineData("mcpPolicies: { p: { appliesTo: { keys: [nobody] } } }", "mcpPolicies.p.appliesTo.keys[0]")]
    [InlineData("mcpPolicies: { p: { guardrailPolicies: [nothing] } }", "mcpPolicies.p.guardrailPolicies[0]")]
    [InlineData("mcpPolicies: { p: { alow: [] } }", "mcpPolicies.p.alow")]
    public void What_is_wrong_is_told_with_its_line(string section, string path)
    {
        var result = Files.Parse(Head + section + "\n");
        Assert.Null(result.Snapshot);
        Assert.Contains(result.Errors, e => e.Path == path && e.Line == 4);
        Assert.All(result.Errors, static e => Assert.Equal(4, e.Line));
    }

    [Fact]
    public void A_bundle_cannot_have_the_id_of_a_server_and_a_secret_is_never_shown()
    {
        var result = Files.Parse(Head + "mcpServers: { a: { url: \"http://a\", headers: { X: \"s3cr\\u0001et\" } } }\nmcpBundles: { a: { tools: [\"a/*\"] } }\n");
        Assert.Equal(["mcpServers.a.headers.X", "mcpBundles.a"], result.Errors.Select(static e => e.Path));
        Assert.DoesNotContain("s3cr", Files.Describe(result), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_can_approve_is_said()
    {
        var result = Files.Parse(Head + "mcpServers: { a: { url: \"http://a\", tools: [ { tool: x, approval: admin } ] } }\n");
        Assert.Contains(result.Warnings, static w => w.Path == "mcpServers.a.tools[0].approval");
    }
}
