using System.Text.RegularExpressions;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Tests.Providers;

/// <summary>The addresses of the recorded requests of other clients, and those the adapters make of the same provider and model.</summary>
public sealed partial class RecordedAddressTests
{
    [Fact]
    public void Recorded_requests_and_ours_go_to_the_same_addresses()
    {
        var folder = Path.Combine(SourceTree.SharedData, "recorded", "fantasy");
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} is not there");
        var addresses = Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Select(static line => UrlLine().Match(line))
            .Where(static m => m.Success)
            .Select(static m => m.Groups[1].Value)
            .ToHashSet(StringComparer.Ordinal);
        Assert.True(addresses.Count > 20, $"{addresses.Count} addresses");

        Assert.All(addresses, recorded => Assert.Equal(Expected(recorded), Ours(recorded).AbsoluteUri));
    }

    // The other client calls Claude on Bedrock by InvokeModel; the gateway speaks Converse to all of Bedrock. A query that callers set is theirs.
    private static string Expected(string recorded) => recorded
        .Replace("/invoke-with-response-stream", "/converse-stream", StringComparison.Ordinal)
        .Replace("/invoke", "/converse", StringComparison.Ordinal)
        .Replace("?beta=true", "", StringComparison.Ordinal);

    private static Uri Ours(string recorded)
    {
        var uri = new Uri(recorded);
        var stream = recorded.Contains("stream", StringComparison.OrdinalIgnoreCase);
        var (entry, model, caller) = uri.Host switch
        {
            var host when host.EndsWith(".openai.azure.com", StringComparison.Ordinal) => (New(ProviderKind.AzureOpenAI, "https://" + host), "", Dialect(uri)),
            var host when host.StartsWith("bedrock-runtime.", StringComparison.Ordinal) =>
                (New(ProviderKind.Bedrock, "https://" + host), Uri.UnescapeDataString(uri.AbsolutePath.Split('/')[2]), DialectId.BedrockConverse),
            var host when host.EndsWith("aiplatform.googleapis.com", StringComparison.Ordinal) => (
                New(ProviderKind.VertexAI, "") with { Region = uri.AbsolutePath.Split('/')[5], Project = uri.AbsolutePath.Split('/')[3] },
                uri.AbsolutePath.Split('/')[9].Split(':')[0],
                DialectId.Gemini),
            "generativelanguage.googleapis.com" => (New(ProviderKind.Gemini, ""), uri.AbsolutePath.Split('/')[3].Split(':')[0], DialectId.Gemini),
            "api.anthropic.com" => (New(ProviderKind.Anthropic, ""), "", DialectId.Anthropic),
            _ => (InTable(recorded) with { NativeResponses = true }, "", Dialect(uri)),
        };
        var adapter = ProviderAdapters.Create(ProviderDefaults.Fill(entry, [], static _ => null));
        return adapter.Address(UpstreamTarget.Chat(adapter.ChatDialect(caller, model)!.Value, model, stream))!;
    }

    private static ProviderEntry InTable(string recorded) => ProviderCatalogue.Default.All
        .Where(p => p.Kind == ProviderKind.OpenAI && p.BaseUrl.Length > 0 && recorded.StartsWith(p.BaseUrl + "/", StringComparison.Ordinal))
        .Select(static p => p.ToEntry())
        .FirstOrDefault() ?? New(ProviderKind.OpenAI, recorded[..recorded.IndexOf("/v1/", StringComparison.Ordinal)] + "/v1");

    private static DialectId Dialect(Uri uri) => uri.AbsolutePath.EndsWith("/responses", StringComparison.Ordinal) ? DialectId.OpenAIResponses : DialectId.OpenAIChat;

    private static ProviderEntry New(ProviderKind kind, string baseUrl) => new() { Id = "p", Kind = kind, BaseUrl = baseUrl };

    [GeneratedRegex("^ +url: (https?://\\S+)$")]
    private static partial Regex UrlLine();
}
