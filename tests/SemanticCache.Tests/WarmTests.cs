using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Cli;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Tests;

namespace Gateway.SemanticCache.Tests;

public sealed class WarmTests : IAsyncLifetime
{
    private const string Partition = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly string folder = Directory.CreateTempSubdirectory("warm").FullName;
    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => service = await ServiceProcess.StartAsync("Gateway.SemanticCache", ("Gateway:DataDirectory", Path.Combine(folder, "data")));

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Pairs_of_a_file_become_entries_beside_the_one_that_is_named()
    {
        var (code, output, _) = await WarmAsync("""{"question":"How do I reset my password?","answer":"In the settings."}""" + "\n\n", "--partition", Partition);
        Assert.Equal(0, code);
        Assert.Contains("1", output, StringComparison.Ordinal);
        var first = (await ListAsync()).Single();

        (code, _, _) = await WarmAsync("""{"question":"Where is the invoice?","answer":"In the mail."}""", "--like", first.Id);
        Assert.Equal(0, code);
        var entries = await ListAsync();
        Assert.Equal(2, entries.Count);
        Assert.All(entries, static e => Assert.Equal((Partition, "warmed"), (e.Partition, e.Facts.Tags.Single())));
        var whole = JsonSerializer.Deserialize(await service.Client.GetStringAsync($"/v1/entries/{first.Id}", Cancel), ContractsJson.Default.CacheEntryView)!;
        Assert.Contains("\"content\":\"In the settings.\"", Encoding.UTF8.GetString(whole.Answer!.Body), StringComparison.Ordinal);
        Assert.Equal(("OpenAIChat", "In the settings."), (whole.Answer.Dialect, whole.Answer.Text));
    }

    [Theory]
    [InlineData("{\"question\":\"x\"}", "neither", 1)]
    [InlineData("[]", "no JSON object", 1)]
    [InlineData("{\"question\":\" \",\"answer\":\"y\"}", "empty_text", 1)]
    public async Task What_cannot_be_loaded_is_named_with_its_line(string line, string message, int exitCode)
    {
        var (code, _, errors) = await WarmAsync(line, "--partition", Partition);
        Assert.Equal(exitCode, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Contains("ine 1", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_and_a_service_that_is_not_there_are_told()
    {
        var (code, _, errors) = await WarmAsync("{}", "--like", "x", "--service", "http://127.0.0.1:1");
        Assert.Equal((4, true), (code, errors.Contains("does not answer", StringComparison.Ordinal)));
        (code, _, errors) = await RunAsync("wrong", "{}", "--like", "x");
        Assert.Equal((1, true), (code, errors.Contains(((int)HttpStatusCode.Unauthorized).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
    }

    private async Task<IReadOnlyList<CacheEntryView>> ListAsync()
        => JsonSerializer.Deserialize(await service.Client.GetStringAsync("/v1/entries", Cancel), ContractsJson.Default.CacheEntryList)!.Entries;

    private Task<(int Code, string Output, string Errors)> WarmAsync(string lines, params string[] arguments) => RunAsync(ServiceProcess.Token, lines, arguments);

    private async Task<(int Code, string Output, string Errors)> RunAsync(string token, string lines, params string[] arguments)
    {
        var file = Path.Combine(folder, "pairs.jsonl");
        await File.WriteAllTextAsync(file, lines, Cancel);
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await GatewayCommand.RunAsync(
            ["cache", "warm", file, .. arguments],
            output,
            errors,
            name => name switch { "GATEWAY_INTERNAL_TOKEN" => token, "GATEWAY_CACHE_URL" => service.Client.BaseAddress!.ToString(), _ => null },
            Cancel);
        return (code, output.ToString(), errors.ToString());
    }
}
