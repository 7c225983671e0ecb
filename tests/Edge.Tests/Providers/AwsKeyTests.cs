using System.Web;
using Gateway.CloudAuth;
using Gateway.CloudAuth.Aws;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Auth.Aws;

namespace Gateway.Edge.Tests.Providers;

/// <summary>Where the keys come from that requests to Bedrock are signed with.</summary>
public sealed class AwsKeyTests : IDisposable
{
    private const string Assumed = """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s1</SecretAccessKey><SessionToken>t1</SessionToken><Expiration>2026-11-21T13:00:00Z</Expiration>
        </Credentials></AssumeRoleResult></AssumeRoleResponse>
        """;

    private readonly FakeCloud _cloud = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("aws-test-").FullName;

    public AwsKeyTests()
    {
        _cloud.Environment["HOME"] = _folder;
        _cloud.Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://imds.test";
    }

    public void Dispose()
    {
        _cloud.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Configured_keys_are_used_as_they_are()
    {
        var keys = await KeysAsync(new AwsIdentity { AccessKeyId = "AKIA1", SessionToken = "t" }, "secret");

        Assert.Equal(("AKIA1", "secret", "t"), (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken));
        Assert.Empty(_cloud.Asked);
    }

    [Fact]
    public async Task A_configured_role_is_assumed_with_them()
    {
        _cloud.Always(Assumed);

        var keys = await KeysAsync(new AwsIdentity { AccessKeyId = "AKIA1", RoleArn = "arn:aws:iam::1:role/r", ExternalId = "x-1" }, "secret");

        Assert.Equal(("ASIA1", "s1", "t1"), (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken));
        var (_, address, body, headers) = _cloud.Asked.Single();
        Assert.Equal("https://sts.eu-west-1.amazonaws.com/", address);
        var form = HttpUtility.ParseQueryString(body);
        Assert.Equal(("AssumeRole", "arn:aws:iam::1:role/r", "x-1"), (form["Action"], form["RoleArn"], form["ExternalId"]));
        Assert.Contains("Credential=AKIA1/20261121/eu-west-1/sts/aws4_request", headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chain_begins_with_the_environment()
    {
        _cloud.Environment["AWS_ACCESS_KEY_ID"] = "AKIAENV";
        _cloud.Environment["AWS_SECRET_ACCESS_KEY"] = "s";

        Assert.Equal("AKIAENV", (await KeysAsync(null, "")).AccessKeyId);
    }

    [Fact]
    public async Task A_web_identity_assumes_its_role_without_a_signature()
    {
        _cloud.Always(Assumed);
        _cloud.Environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = Write("token", "jwt\n");
        _cloud.Environment["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod";

        Assert.Equal("ASIA1", (await KeysAsync(null, "")).AccessKeyId);
        Assert.Contains("Action=AssumeRoleWithWebIdentity", _cloud.Asked[0].Body, StringComparison.Ordinal);
        Assert.Contains("WebIdentityToken=jwt", _cloud.Asked[0].Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", _cloud.Asked[0].Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profiles_are_read_from_both_files_and_follow_their_source()
    {
        _cloud.Always(Assumed);
        Write(".aws/credentials", "# keys\n[default]\naws_access_key_id = AKIADEF\naws_secret_access_key=d=1\n\n[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=b\n");
        Write(".aws/config", "[profile dev]\r\nrole_arn = arn:aws:iam::1:role/dev\r\nsource_profile = base\r\ns3 =\r\n  aws_access_key_id = nested\r\n[profile loop]\nrole_arn=x\nsource_profile=loop2\n[profile loop2]\nrole_arn=x\nsource_profile=loop\n[profile sso]\nsso_session=x\n");

        Assert.Equal(("AKIADEF", "d=1"), await Pair(KeysAsync(null, "")));
        Assert.Equal("AKIABASE", (await KeysAsync(new AwsIdentity { Profile = "base" }, "")).AccessKeyId);
        Assert.Equal("ASIA1", (await KeysAsync(new AwsIdentity { Profile = "dev" }, "")).AccessKeyId);
        Assert.Contains("Credential=AKIABASE/", _cloud.Asked.Single().Headers, StringComparison.Ordinal);
        Assert.Contains("there is no AWS profile 'none'", await ProblemAsync(new AwsIdentity { Profile = "none" }), StringComparison.Ordinal);
        Assert.Contains("without end", await ProblemAsync(new AwsIdentity { Profile = "loop" }), StringComparison.Ordinal);
        Assert.Contains("sso and credential_process are not supported", await ProblemAsync(new AwsIdentity { Profile = "sso" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_asks_its_credential_service()
    {
        _cloud.Always("""{"AccessKeyId":"ASIAECS","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-21T18:00:00Z"}""");
        _cloud.Environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/1";
        Assert.Equal("ASIAECS", (await KeysAsync(null, "")).AccessKeyId);
        Assert.Equal("http://169.254.170.2/v2/credentials/1", _cloud.Asked[0].Address);

        _cloud.Environment.Remove("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        _cloud.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
        _cloud.Environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = Write("pod-token", "pod-1");
        await KeysAsync(null, "");
        Assert.Contains("Authorization: pod-1", _cloud.Asked[1].Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_asks_the_metadata_service_with_a_session()
    {
        _cloud.Answer = static (request, _) => Task.FromResult((200, request.RequestUri!.AbsolutePath switch
        {
            "/latest/api/token" => "session-1",
            "/latest/meta-data/iam/security-credentials/" => "role-1",
            _ => """{"Code":"Success","AccessKeyId":"ASIAEC2","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-21T18:00:00Z"}""",
        }));

        Assert.Equal("ASIAEC2", (await KeysAsync(null, "")).AccessKeyId);
        Assert.Equal((HttpMethod.Put, "http://imds.test/latest/api/token"), (_cloud.Asked[0].Method, _cloud.Asked[0].Address));
        Assert.Equal("http://imds.test/latest/meta-data/iam/security-credentials/role-1", _cloud.Asked[2].Address);
        Assert.Contains("X-aws-ec2-metadata-token: session-1", _cloud.Asked[2].Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_credential_anywhere_says_where_was_looked()
    {
        _cloud.Environment["AWS_EC2_METADATA_DISABLED"] = "true";

        Assert.Contains("no keys, profile, web identity or container role", await ProblemAsync(null), StringComparison.Ordinal);
        Assert.Empty(_cloud.Asked);
    }

    [Fact]
    public async Task A_refused_role_is_the_credentials_fault_and_named_by_its_code()
    {
        _cloud.Always("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User AKIA1 is not authorised</Message></Error></ErrorResponse>", 403);

        var result = await new AwsKeySource(_cloud.Context, new AwsIdentity { AccessKeyId = "AKIA1", RoleArn = "r" }, "s", "eu-west-1", null).FetchAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("AWS STS answered 403 (AccessDenied)", true), (result.Problem, result.CredentialFault));
    }

    [Fact]
    public async Task Without_a_region_nothing_is_signed()
    {
        var auth = new AwsAuth(new(_ => throw new InvalidOperationException(), _cloud.Time), "", "bedrock", _cloud.Time);

        var failure = await Assert.ThrowsAsync<ProviderAuthException>(async () => await auth.ApplyAsync(new HttpRequestMessage(HttpMethod.Post, "https://b.test/"), null, TestContext.Current.CancellationToken));

        Assert.Contains("AWS_REGION", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<(string, string)> Pair(Task<AwsKeys> keys) => ((await keys).AccessKeyId, (await keys).SecretAccessKey);

    private async Task<AwsKeys> KeysAsync(AwsIdentity? identity, string secret)
    {
        var result = await new AwsKeySource(_cloud.Context, identity, secret, "eu-west-1", null).FetchAsync(TestContext.Current.CancellationToken);
        Assert.True(result.Value is not null, result.Problem);
        return result.Value!;
    }

    private async Task<string> ProblemAsync(AwsIdentity? identity) =>
        (await new AwsKeySource(_cloud.Context, identity, "", "eu-west-1", null).FetchAsync(TestContext.Current.CancellationToken)).Problem;

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
