using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.McpHub.Import;

namespace Gateway.McpHub.Tests;

/// <summary>The <c>mcpServers</c> JSON of desktop clients.</summary>
public sealed class ImportTests
{
    [Fact]
    public void Programs_and_addresses_are_taken_over_and_the_rest_is_told()
    {
        var result = McpServersImport.Read(Encoding.UTF8.GetBytes("""
            { // as editors write it
              "mcpServers": {
                "My Files": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/tmp"], "env": { "TOKEN": "s" }, "cwd": "/srv" },
                "remote": { "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer s" } },
                "old": { "type": "sse", "url": "https://example.com/sse", "disabled": true },
                "my-files": { "command": "x" },
                "??": { "command": "x" },
                "empty": {},
              }
            }
            """));

        Assert.Equal(["my-files", "remote", "old"], result.Servers.Select(s => s.Entry.Id));
        Assert.Equal((McpTransport.Stdio, "npx", 3, "/srv"), (result.Servers[0].Entry.Transport, result.Servers[0].Entry.Stdio!.Command, result.Servers[0].Entry.Stdio!.Arguments.Count, result.Servers[0].Entry.Stdio!.Folder));
        Assert.Equal("s", result.Servers[0].Environment["TOKEN"]);
        Assert.Equal("Bearer s", result.Servers[1].Headers["Authorization"]);
        Assert.Equal((McpTransport.Sse, false), (result.Servers[2].Entry.Transport, result.Servers[2].Entry.Enabled));
        Assert.Equal(3, result.Problems.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"mcpServers":[]}""")]
    public void What_is_no_document_is_a_problem_and_no_exception(string text)
        => Assert.Single(McpServersImport.Read(Encoding.UTF8.GetBytes(text)).Problems);
}
