using Gateway.Edge.Admission.Budgets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Configuration;
using Gateway.Edge.Configuration.Schema;
using Gateway.Edge.Runtime;
using Gateway.Edge.Tests.Configuration;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Tests.Providers;

/// <summary>The page on providers: its examples are loaded as they are written, and its table names every kind.</summary>
public sealed partial class ProviderDocsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("docs-test-").FullName;

    private static string Page => File.ReadAllText(SourceTree.PathOf("docs/providers.md"));

    public static TheoryData<int> Examples => [.. Enumerable.Range(0, YamlBlock().Count(Page))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_loads_and_can_be_run(int index)
    {
        using var rsa = RSA.Create(2048);
        File.WriteAllText(Path.Combine(_folder, "key.json"), JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["type"] = "service_account", ["client_email"] = "a@b", ["private_key"] = rsa.ExportPkcs8PrivateKeyPem(),
        }));
        var yaml = Files.Minimal + "demo: false\n" + YamlBlock().Matches(Page)[index].Groups[1].Value;

        var result = GatewayFile.Parse(yaml, new GatewayFileOptions { BaseDirectory = _folder, GetEnvironmentVariable = static name => "value-of-" + name });

        Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
        using var cloud = new FakeCloud();
        using var transports = new ProviderTransports(static () => throw new InvalidOperationException(), cloud.Context);
        var builder = new GatewayModelBuilder(transports, new RuntimeState(TimeProvider.System, new BudgetBook(TimeProvider.System, isLocal: true), new LimitSharing(TimeProvider.System)));
        Assert.True(builder.Build(result.Snapshot!) is not null, string.Join('\n', builder.Errors));
    }

    [Fact]
    public void The_examples_hold_every_form_of_credential()
    {
        var all = string.Concat(YamlBlock().Matches(Page).Select(static m => m.Groups[1].Value));

        Assert.All((string[])["apiKey:", "serviceAccount:", "aws:", "entra:", "ambient:", "profile:", "roleArn:"], form => Assert.Contains(form, all, StringComparison.Ordinal));
    }

    [Fact]
    public void The_table_names_every_kind()
    {
        Assert.Equal(Enum.GetValues<ProviderKind>().Length, ProviderKindNames.All.Length);
        for (var i = 0; i < ProviderKindNames.All.Length; i++)
        {
            Assert.Contains($"| `{ProviderKindNames.All[i]}` / `{ProviderKindNames.At(i)}` |", Page, StringComparison.Ordinal);
        }

        Assert.All(Enum.GetNames<CredentialType>(), name => Assert.Contains($"| `{name}`", Page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bedrock: {apiKey: k, ambient: true, region: r}", "A provider has one credential")]
    [InlineData("openai: {aws: {profile: p}}", "A credential of the type Aws cannot be used with a provider of the kind OpenAI.")]
    [InlineData("bedrock: {region: r, aws: {accessKeyId: a}}", "accessKeyId and secretAccessKey go together")]
    [InlineData("vertex_ai: {serviceAccount: '{}'}", "The key document's type is neither service_account nor authorized_user.")]
    [InlineData("azure: {baseUrl: 'https://x.test', entra: {tenantId: t, clientId: c}}", "providers.azure.entra.clientSecret: This key is missing")]
    [InlineData("azure: {apiKey: k}", "providers.azure.baseUrl: This key is missing")]
    [InlineData("x: {like: mistrl, baseUrl: 'http://x.test'}", "Did you mean 'mistral'?")]
    [InlineData("x: {baseUrl: 'http://x.test', tokenUrl: 'http://169.254.169.254/t'}", "Link-local and metadata addresses are refused")]
    [InlineData("x: {baseUrl: 'http://x.test', rename: {model: y}}", "This member cannot be renamed")]
    public void What_is_wrong_is_told_at_its_place(string provider, string message)
    {
        var result = Files.Parse(Files.Minimal + "providers: {" + provider + "}\n");

        Assert.Contains(message, Files.Describe(result), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_wins_over_the_table_and_the_table_over_nothing()
    {
        var providers = Files.Parse(Files.Minimal + "providers: {mistral: {apiKey: k, drop: [only]}, other: {like: mistral, apiKey: k}, anthropic: {kind: openai, apiKey: k, baseUrl: 'http://x.test'}}\n").Snapshot!.Providers;

        Assert.Equal(["only"], providers.Single(static p => p.Id == "mistral").DroppedParameters);
        var other = providers.Single(static p => p.Id == "other");
        Assert.Equal(("https://api.mistral.ai/v1", "random_seed", "mistral"), (other.BaseUrl, other.RenamedParameters["seed"], other.Like));
        Assert.Equal(ProviderKind.OpenAI, providers.Single(static p => p.Id == "anthropic").Kind);
    }

    [GeneratedRegex("```yaml\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
