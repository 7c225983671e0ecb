using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Edge.Tests.Accounts;

public sealed class AccountsDocsTests
{
    [Fact]
    public async Task The_example_runs()
    {
        var page = await File.ReadAllTextAsync(SourceTree.PathOf("docs/accounts.md"), TestContext.Current.CancellationToken);
        var start = page.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        var yaml = page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
        await using var edge = await EdgeHost.StartAsync(yaml.Replace("version: 1", "version: 1\nautoProviders: false", StringComparison.Ordinal));
        edge.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "gw-replace-me-0000000000000000000000000000000");
        using var response = await edge.ChatAsync("demo", "\"user\":\"visitor-7\"");
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var record = (await edge.RecordsAsync(1)).Single();
        Assert.Equal(("ada-laptop", "ada", "research", "acme", "visitor-7"), (record.KeyId, record.UserId, record.TeamId, record.CustomerId, record.EndUser));
        Assert.Equal(["laptop", "project:moon"], record.Tags);
    }
}
