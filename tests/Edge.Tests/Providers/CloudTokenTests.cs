using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Gateway.CloudAuth;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Auth;

namespace Gateway.Edge.Tests.Providers;

/// <summary>How requests get their credential in the clouds whose token endpoints are spoken to in OAuth: Google, Microsoft Entra, IBM.</summary>
public sealed class CloudTokenTests : IDisposable
{
    private const string Token = """{"access_token":"tok-1","expires_in":3600,"token_type":"Bearer"}""";

    private readonly FakeCloud _cloud = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("cloud-test-").FullName;

    public void Dispose()
    {
        _cloud.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_service_account_signs_its_assertion_and_sends_the_token()
    {
        using var rsa = RSA.Create(2048);
        _cloud.Always(Token);

        var request = await ApplyAsync(ProviderKind.VertexAI, New(CredentialType.ServiceAccount, ServiceAccount(rsa)));

        Assert.Equal("Bearer tok-1", request.Headers.GetValues("Authorization").Single());
        var (_, address, body, _) = _cloud.Asked.Single();
        Assert.Equal("https://oauth2.test/token", address);
        var form = HttpUtility.ParseQueryString(body);
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", form["grant_type"]);
        var parts = form["assertion"]!.Split('.');
        Assert.True(rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal("""{"alg":"RS256","typ":"JWT","kid":"key-1"}""", Encoding.UTF8.GetString(Decode(parts[0])));
        var claims = JsonElement.Parse(Decode(parts[1]));
        Assert.Equal("gateway@p.iam.test", claims.GetProperty("iss").GetString());
        Assert.Equal("https://oauth2.test/token", claims.GetProperty("aud").GetString());
        Assert.Equal("https://www.googleapis.com/auth/cloud-platform", claims.GetProperty("scope").GetString());
        Assert.Equal(_cloud.Time.Now.ToUnixTimeSeconds() + 3600, claims.GetProperty("exp").GetInt64());
    }

    [Fact]
    public async Task Application_default_credentials_are_the_named_file_then_the_saved_login_then_the_metadata_service()
    {
        _cloud.Always(Token);
        _cloud.Environment["GOOGLE_APPLICATION_CREDENTIALS"] = File("adc.json", """{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}""");
        await ApplyAsync(ProviderKind.VertexAI, null);
        Assert.Equal(("https://oauth2.googleapis.com/token", "grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r"), (_cloud.Asked[0].Address, _cloud.Asked[0].Body));

        _cloud.Environment.Clear();
        _cloud.Environment["CLOUDSDK_CONFIG"] = _folder;
        File("application_default_credentials.json", """{"type":"authorized_user","client_id":"saved","client_secret":"s","refresh_token":"r"}""");
        await ApplyAsync(ProviderKind.VertexAI, null);
        Assert.Contains("client_id=saved", _cloud.Asked[1].Body, StringComparison.Ordinal);

        _cloud.Environment["CLOUDSDK_CONFIG"] = Path.Combine(_folder, "nothing");
        await ApplyAsync(ProviderKind.VertexAI, New(CredentialType.Ambient, ""));
        Assert.Equal("http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token", _cloud.Asked[2].Address);
        Assert.Contains("Metadata-Flavor: Google", _cloud.Asked[2].Headers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"service_account","client_email":"a@b","private_key":"no key"}""", "the private key of the service account cannot be read")]
    [InlineData("""{"type":"external_account"}""", "key documents of the type external_account are not supported")]
    [InlineData("""{"type":"service_account"}""", "lacks client_email or private_key")]
    [InlineData("not json", "the key document is not JSON")]
    public async Task A_bad_key_document_is_the_credentials_fault(string document, string reason)
    {
        var failure = await Assert.ThrowsAsync<ProviderAuthException>(() => ApplyAsync(ProviderKind.VertexAI, New(CredentialType.ServiceAccount, document)));

        Assert.True(failure.CredentialFault);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Empty(_cloud.Asked);
    }

    [Fact]
    public async Task An_entra_application_uses_its_client_secret()
    {
        _cloud.Always(Token);

        var request = await ApplyAsync(ProviderKind.AzureOpenAI, New(CredentialType.Entra, "s3cret") with { Entra = new EntraIdentity { TenantId = "t-1", ClientId = "c-1" } });

        Assert.Equal("Bearer tok-1", request.Headers.GetValues("Authorization").Single());
        var (_, address, body, _) = _cloud.Asked.Single();
        Assert.Equal("https://login.microsoftonline.com/t-1/oauth2/v2.0/token", address);
        var form = HttpUtility.ParseQueryString(body);
        Assert.Equal(("client_credentials", "c-1", "s3cret", "https://cognitiveservices.azure.com/.default"), (form["grant_type"], form["client_id"], form["client_secret"], form["scope"]));
    }

    [Fact]
    public async Task A_workload_identity_shows_its_token_file()
    {
        _cloud.Always(Token);
        _cloud.Environment["AZURE_CLIENT_ID"] = "c-2";
        _cloud.Environment["AZURE_TENANT_ID"] = "t-2";
        _cloud.Environment["AZURE_FEDERATED_TOKEN_FILE"] = File("token", "jwt-of-the-pod\n");
        _cloud.Environment["AZURE_AUTHORITY_HOST"] = "https://login.test/";

        await ApplyAsync(ProviderKind.AzureOpenAI, New(CredentialType.Ambient, ""));

        Assert.Equal("https://login.test/t-2/oauth2/v2.0/token", _cloud.Asked[0].Address);
        Assert.Contains("client_assertion=jwt-of-the-pod&", _cloud.Asked[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_managed_identity_asks_the_machine_or_the_app_service()
    {
        _cloud.Always($$"""{"access_token":"tok-1","expires_on":"{{_cloud.Time.Now.AddHours(1).ToUnixTimeSeconds()}}"}""");
        await ApplyAsync(ProviderKind.AzureOpenAI, New(CredentialType.Ambient, "") with { Entra = new EntraIdentity { ClientId = "mine" } });
        Assert.Equal(
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=mine",
            _cloud.Asked[0].Address);
        Assert.Contains("Metadata: true", _cloud.Asked[0].Headers, StringComparison.Ordinal);

        _cloud.Environment["IDENTITY_ENDPOINT"] = "http://127.0.0.1:41/msi/token";
        _cloud.Environment["IDENTITY_HEADER"] = "h-1";
        await ApplyAsync(ProviderKind.AzureOpenAI, New(CredentialType.Ambient, ""));
        Assert.Equal("http://127.0.0.1:41/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com", _cloud.Asked[1].Address);
        Assert.Contains("X-IDENTITY-HEADER: h-1", _cloud.Asked[1].Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watsonx_key_is_exchanged_and_the_exchange_can_be_elsewhere()
    {
        _cloud.Always(Token);

        var request = await ApplyAsync(ProviderKind.WatsonX, New(CredentialType.ApiKey, "ibm-key"), tokenUrl: "https://iam.test/token");

        Assert.Equal("Bearer tok-1", request.Headers.GetValues("Authorization").Single());
        Assert.Equal(("https://iam.test/token", "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=ibm-key"), (_cloud.Asked[0].Address, _cloud.Asked[0].Body));
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_client","error_description":"the secret s3cret is wrong"}""", true, "Microsoft Entra answered 400 (invalid_client)")]
    [InlineData(401, "", true, "Microsoft Entra answered 401")]
    [InlineData(503, "<html>", false, "Microsoft Entra answered 503")]
    [InlineData(200, """{"expires_in":3600}""", false, "Microsoft Entra gave an answer that is no token")]
    [InlineData(200, """{"access_token":"two\nlines"}""", false, "Microsoft Entra gave an answer that is no token")]
    public async Task A_refusal_is_told_without_what_was_sent(int status, string body, bool credentialFault, string message)
    {
        _cloud.Always(body, status);

        var failure = await Assert.ThrowsAsync<ProviderAuthException>(
            () => ApplyAsync(ProviderKind.AzureOpenAI, New(CredentialType.Entra, "s3cret") with { Entra = new EntraIdentity { TenantId = "t", ClientId = "c" } }));

        Assert.Equal((message, credentialFault), (failure.Message, failure.CredentialFault));
    }

    [Fact]
    public async Task A_public_token_endpoint_behind_a_metadata_address_is_not_called()
    {
        using var http = EdgeTokenHttp.Create();
        var auths = new UpstreamAuths(_cloud.Context with { Http = http });
        var entry = new ProviderEntry { Id = "w", Kind = ProviderKind.WatsonX, TokenUrl = "http://169.254.169.254/token" };

        var failure = await Assert.ThrowsAsync<ProviderAuthException>(
            async () => await auths.Get(entry, New(CredentialType.ApiKey, "k")).ApplyAsync(new HttpRequestMessage(), null, TestContext.Current.CancellationToken));

        Assert.False(failure.CredentialFault);
    }

    [Fact]
    public void What_fetches_tokens_stays_over_changes_of_configuration()
    {
        var auths = new UpstreamAuths(_cloud.Context);
        var entry = new ProviderEntry { Id = "w", Kind = ProviderKind.WatsonX };

        Assert.Same(auths.Get(entry, New(CredentialType.ApiKey, "k")), auths.Get(entry with { Timeouts = new TimeoutEntry { IdleMs = 5 } }, New(CredentialType.ApiKey, "k")));
        Assert.NotSame(auths.Get(entry, New(CredentialType.ApiKey, "k")), auths.Get(entry, New(CredentialType.ApiKey, "k2")));
    }

    private static CredentialEntry New(CredentialType type, string secret) => new() { Id = "c", ProviderId = "p", Type = type, Secret = secret };

    private static byte[] Decode(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);

    private static string ServiceAccount(RSA rsa) => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["type"] = "service_account",
        ["project_id"] = "p-1",
        ["private_key_id"] = "key-1",
        ["private_key"] = rsa.ExportPkcs8PrivateKeyPem(),
        ["client_email"] = "gateway@p.iam.test",
        ["token_uri"] = "https://oauth2.test/token",
    });

    private async Task<HttpRequestMessage> ApplyAsync(ProviderKind kind, CredentialEntry? credential, string? tokenUrl = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "https://provider.test/x");
        var auth = new UpstreamAuths(_cloud.Context).Get(new ProviderEntry { Id = "p", Kind = kind, TokenUrl = tokenUrl }, credential);
        await auth.ApplyAsync(request, null, TestContext.Current.CancellationToken);
        return request;
    }

    private string File(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
