using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Mcp.Import;

namespace Gateway.Mcp.Tests;

public sealed class ImportTests
{
    [Fact]
    public void Servers_of_a_clients_configuration_are_taken_over_with_their_secrets_apart()
    {
        const string Document = """
            {"mcpServers":{
              "GitHub Server":{"command":"npx","args":["-y","server-github"],"env":{"GITHUB_PERSONAL_ACCESS_TOKEN":"ghp_secret","LOG_LEVEL":"info","HOME_DIR":"${HOME_DIR}","OTHER":"${env:ELSE}"},"cwd":"/srv"},
              "web":{"type":"sse","url":"https://web.example/sse","headers":{"Authorization":"Bearer abc","X-Tenant":"7"},"disabled":true,"autoApprove":["x"]},
              "plain":{"url":"https://plain.example/mcp"}}}
            """;
        var problems = new List<string>();
        var servers = McpServersDocument.Read(JsonElement.Parse(Document), (place, problem) => problems.Add($"{place} {problem}"));
        Assert.Empty(problems);
        Assert.Equal(["github-server", "web", "plain"], servers.Select(static s => s.Server.Id));
        var github = servers[0];
        Assert.Equal((McpTransport.Stdio, "npx", "/srv"), (github.Server.Transport, github.Server.Stdio!.Command, github.Server.Stdio.Folder));
        Assert.Equal(["-y", "server-github"], github.Server.Stdio.Arguments);
        Assert.Equal(["HOME_DIR"], github.Server.Stdio.PassEnvironment);
        Assert.Equal([("GITHUB_PERSONAL_ACCESS_TOKEN", null, "github-server-github-personal-access-token"), ("LOG_LEVEL", "info", null)], github.Server.Stdio.Environment.Select(static v => (v.Name, v.Value, v.CredentialId)));
        Assert.Equal([("github-server-github-personal-access-token", "ghp_secret")], github.Secrets.Select(static s => (s.CredentialId, s.Value)));
        Assert.Contains("ELSE", Assert.Single(github.Notes));
        Assert.DoesNotContain("ghp_secret", github.ToString() + github.Secrets[0], StringComparison.Ordinal);
        var web = servers[1].Server;
        Assert.Equal((McpTransport.Sse, false, "Authorization", "Bearer", "web-authorization"), (web.Transport, web.Enabled, web.Auth!.Header, web.Auth.Scheme, web.Auth.CredentialId));
        Assert.Equal("7", web.Headers["X-Tenant"]);
        Assert.Equal("abc", Assert.Single(servers[1].Secrets).Value);
        Assert.Equal((McpTransport.Http, null), (servers[2].Server.Transport, servers[2].Server.Auth));
    }

    [Fact]
    public void The_hubs_own_id_is_no_servers()
    {
        var problems = new List<string>();
        var servers = McpServersDocument.Read(
            JsonElement.Parse("""{"mcpServers":{"Gateway":{"url":"https://a.example/mcp"},"other":{"url":"https://b.example/mcp"}}}"""), (place, problem) => problems.Add($"{place} {problem}"));

        Assert.Equal(["other"], servers.Select(static s => s.Server.Id));
        Assert.Contains("would have the id 'gateway'", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"mcpServers":{}}""")]
    [InlineData("""{"mcpServers":{"a":1}}""")]
    [InlineData("""{"mcpServers":{"a":{}}}""")]
    [InlineData("""{"mcpServers":{"a":{"command":"x","url":"https://y.example"}}}""")]
    [InlineData("""{"mcpServers":{"a b":{"command":"x"},"a-b":{"command":"y"}}}""")]
    [InlineData("""{"mcpServers":{"***":{"command":"x"}}}""")]
    public void What_cannot_be_a_server_is_told(string document)
    {
        var problems = new List<string>();
        McpServersDocument.Read(JsonElement.Parse(document), (_, problem) => problems.Add(problem));
        Assert.NotEmpty(problems);
    }
}
