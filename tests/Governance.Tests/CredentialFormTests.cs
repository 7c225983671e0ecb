using System.Net;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class CredentialFormsOnSqliteTests() : CredentialFormTests(null);

public sealed class CredentialFormsOnPostgresTests(PostgresServer server) : CredentialFormTests(server);

/// <summary>Credentials that are more than a key, and what providers of the clouds have beside an address.</summary>
public abstract class CredentialFormTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Every_form_reaches_the_snapshot_and_none_of_its_secrets_anything_else()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "b", kind = "Bedrock", region = "eu-west-1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "a", kind = "AzureOpenAI", baseUrl = "https://r.openai.azure.com", apiVersion = "2024-10-21" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "v", kind = "VertexAI", project = "p", tokenUrl = "https://tokens.test/t" });
        var answers = "";
        answers += await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "aws", providerId = "b", type = "Aws", secret = "hidden-1", aws = new { accessKeyId = "AKIA", sessionToken = "hidden-2", roleArn = "arn:x" } });
        answers += await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "profile", providerId = "b", type = "Aws", aws = new { profile = "dev" } });
        answers += await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "entra", providerId = "a", type = "Entra", secret = "hidden-3", entra = new { tenantId = "t", clientId = "c" } });
        answers += await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "account", providerId = "v", type = "ServiceAccount", secret = "{\n\"private_key\":\"hidden-4\"}" });
        answers += await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "machine", providerId = "v", type = "Ambient" });
        answers += await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/aws", new { providerId = "b" });
        answers += await DoAsync(instance.Admin, HttpMethod.Get, "/api/credentials");

        var snapshot = await SnapshotAsync(instance);
        Assert.Equal(
            new CredentialEntry
            {
                Id = "aws", ProviderId = "b", Type = CredentialType.Aws, Secret = "hidden-1", Aws = new AwsIdentity { AccessKeyId = "AKIA", SessionToken = "hidden-2", RoleArn = "arn:x" },
            },
            Of("aws"));
        Assert.Equal(new CredentialEntry { Id = "profile", ProviderId = "b", Type = CredentialType.Aws, Secret = "", Aws = new AwsIdentity { Profile = "dev" } }, Of("profile"));
        Assert.Equal(new CredentialEntry { Id = "entra", ProviderId = "a", Type = CredentialType.Entra, Secret = "hidden-3", Entra = new EntraIdentity { TenantId = "t", ClientId = "c" } }, Of("entra"));
        Assert.Equal("{\n\"private_key\":\"hidden-4\"}", Of("account").Secret);
        Assert.Equal(CredentialType.Ambient, Of("machine").Type);
        Assert.Equal(("eu-west-1", ""), (Provider("b").Region, Provider("b").BaseUrl));
        Assert.Equal("2024-10-21", Provider("a").ApiVersion);
        Assert.Equal(("p", "https://tokens.test/t"), (Provider("v").Project, Provider("v").TokenUrl));
        Assert.DoesNotContain("hidden-", answers + instance.Log + await StoredTextAsync(instance), StringComparison.Ordinal);
        Assert.Contains("\"Entra\"", answers, StringComparison.OrdinalIgnoreCase);

        CredentialEntry Of(string id) => snapshot.Credentials.Single(c => c.Id == id);
        ProviderEntry Provider(string id) => snapshot.Providers.Single(p => p.Id == id);
    }

    [Theory]
    [InlineData("""{"type":"Aws","secret":"s"}""", "secret")]
    [InlineData("""{"type":"Aws","aws":{"accessKeyId":"a"}}""", "secret")]
    [InlineData("""{"type":"Ambient","secret":"s"}""", "secret")]
    [InlineData("""{"type":"Entra","secret":"s"}""", "entra")]
    [InlineData("""{"type":"ServiceAccount","secret":"no json"}""", "secret")]
    [InlineData("""{"type":"ApiKey","secret":"s","aws":{"profile":"p"}}""", "aws")]
    [InlineData("""{"type":"ApiKey"}""", "secret")]
    [InlineData("""{"type":"Password","secret":"s"}""", "type")]
    [InlineData("""{"type":"Aws","aws":{"profil":"p"}}""", "aws.profil")]
    public async Task What_does_not_fit_is_told_by_its_field(string more, string field)
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", kind = "Bedrock", region = "r" });

        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/credentials", """{"id":"c","providerId":"p",""" + more[1..]);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], FieldsOf(problem));
    }

    [Fact]
    public async Task What_is_not_said_of_a_provider_is_as_the_built_in_table_says()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "mistral", baseUrl = "https://api.mistral.ai/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "eu", like = "mistral", baseUrl = "https://eu.test/v1", droppedParameters = new[] { "only" }, streamUsageOption = true });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "anthropic" });

        var providers = (await SnapshotAsync(instance)).Providers;
        var mistral = providers.Single(p => p.Id == "mistral");
        Assert.Equal(("random_seed", false), (mistral.RenamedParameters["seed"], mistral.StreamUsageOption));
        var eu = providers.Single(p => p.Id == "eu");
        Assert.Equal(("mistral", "random_seed", "only", true), (eu.Like, eu.RenamedParameters["seed"], eu.DroppedParameters.Single(), eu.StreamUsageOption));
        Assert.Equal(ProviderKind.Anthropic, providers.Single(p => p.Id == "anthropic").Kind);
    }
}
