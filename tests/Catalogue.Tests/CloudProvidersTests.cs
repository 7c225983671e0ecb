using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue.Tests;

/// <summary>What the clouds' own environment variables add.</summary>
public sealed class CloudProvidersTests
{
    [Fact]
    public void Aws_keys_with_a_region_are_bedrock()
    {
        var found = Detect(("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", "t"), ("AWS_DEFAULT_REGION", "eu-west-1"));

        var provider = Assert.Single(found.Providers);
        Assert.Equal(("bedrock", ProviderKind.Bedrock, "eu-west-1"), (provider.Id, provider.Kind, provider.Region));
        var credential = Assert.Single(found.Credentials);
        Assert.Equal((CredentialType.Aws, "s", "AKIA", "t"), (credential.Type, credential.Secret, credential.Aws!.AccessKeyId, credential.Aws.SessionToken));
        Assert.Equal("bedrock/*", Assert.Single(found.Deployments).Id);
    }

    [Fact]
    public void Aws_keys_without_a_region_are_there_for_something_else()
    {
        var found = Detect(("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "s"));

        Assert.Empty(found.Providers);
        Assert.Empty(found.Warnings);
    }

    [Fact]
    public void A_bedrock_key_without_a_region_is_told_of()
    {
        Assert.Contains("AWS_REGION", Assert.Single(Detect(("AWS_BEARER_TOKEN_BEDROCK", "do-not-show")).Warnings), StringComparison.Ordinal);

        var found = Detect(("AWS_BEARER_TOKEN_BEDROCK", "k"), ("AWS_REGION", "us-east-1"));
        Assert.Equal((CredentialType.ApiKey, "k"), (Assert.Single(found.Credentials).Type, found.Credentials[0].Secret));
    }

    [Fact]
    public void Google_application_credentials_are_vertex()
    {
        Assert.Contains("GOOGLE_CLOUD_PROJECT", Assert.Single(Detect(("GOOGLE_APPLICATION_CREDENTIALS", "/key.json")).Warnings), StringComparison.Ordinal);

        var found = Detect(("GOOGLE_APPLICATION_CREDENTIALS", "/key.json"), ("GOOGLE_CLOUD_PROJECT", "p"), ("GOOGLE_CLOUD_LOCATION", "europe-west4"));
        var provider = Assert.Single(found.Providers);
        Assert.Equal((ProviderKind.VertexAI, "p", "europe-west4", ""), (provider.Kind, provider.Project, provider.Region, provider.BaseUrl));
        Assert.Equal(CredentialType.Ambient, Assert.Single(found.Credentials).Type);
        Assert.Contains(found.Routes, static r => r.Name == "vertex_ai/*");
    }

    [Fact]
    public void Azure_needs_its_address_and_takes_a_key_or_an_application()
    {
        Assert.Contains("AZURE_OPENAI_ENDPOINT", Assert.Single(Detect(("AZURE_OPENAI_API_KEY", "k")).Warnings), StringComparison.Ordinal);
        Assert.Empty(Detect(("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com")).Providers);

        var keyed = Detect(("AZURE_OPENAI_API_KEY", "k"), ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/"), ("OPENAI_API_VERSION", "2024-10-21"));
        Assert.Equal(("https://r.openai.azure.com", "2024-10-21"), (Assert.Single(keyed.Providers).BaseUrl, keyed.Providers[0].ApiVersion));

        var application = Detect(("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"), ("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s"));
        var credential = Assert.Single(application.Credentials);
        Assert.Equal((CredentialType.Entra, "s", "t", "c"), (credential.Type, credential.Secret, credential.Entra!.TenantId, credential.Entra.ClientId));
    }

    [Fact]
    public void Watsonx_needs_a_project_or_a_space()
    {
        Assert.Single(Detect(("WATSONX_API_KEY", "k")).Warnings);
        Assert.Equal("p", Assert.Single(Detect(("WATSONX_API_KEY", "k"), ("WATSONX_PROJECT_ID", "p")).Providers).Project);
        Assert.Equal("https://eu-de.ml.cloud.ibm.com", Assert.Single(Detect(("WATSONX_API_KEY", "k"), ("WATSONX_SPACE_ID", "s"), ("WATSONX_URL", "https://eu-de.ml.cloud.ibm.com/")).Providers).BaseUrl);
    }

    [Theory]
    [InlineData("CLOUDFLARE_API_KEY", "CLOUDFLARE_ACCOUNT_ID", "acc", "https://api.cloudflare.com/client/v4/accounts/acc/ai/v1")]
    [InlineData("DATABRICKS_TOKEN", "DATABRICKS_HOST", "https://dbc-1.cloud.databricks.com/", "https://dbc-1.cloud.databricks.com/serving-endpoints")]
    [InlineData("DATABRICKS_API_KEY", "DATABRICKS_HOST", "dbc-1.cloud.databricks.com", "https://dbc-1.cloud.databricks.com/serving-endpoints")]
    public void Parts_of_an_address_come_from_the_environment(string key, string variable, string value, string address)
    {
        Assert.Contains(variable, Assert.Single(Detect((key, "k")).Warnings), StringComparison.Ordinal);
        Assert.Equal(address, Assert.Single(Detect((key, "k"), (variable, value)).Providers).BaseUrl);
    }

    private static DetectedProviders Detect(params (string Name, string Value)[] variables) =>
        EnvironmentProviders.Detect(name => variables.FirstOrDefault(v => v.Name == name).Value);
}
