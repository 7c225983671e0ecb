using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class SecretStreamTests
{
    private static readonly string[] _fragments =
    [
        "AKIA" + "IOSFODNN7ABCDEFG", "AKIA", "ghp_" + "0123456789abcdefABCDEF0123456789abcd", "ghp_", "sk-", "sk_live_" + "abcdefghijABCDEFGHIJ012345", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlMTIz", "eyJ",
        "postgres://app:s3cr3tpw9@db:5432/x", "://", "password = \"Ab3!defg9\"", "my password is Xy7kqP2z", "api_key: '9f8a7b6c5d4e3f2a1b0c9d8e'", "token", "api key", "Bearer", "secret=", "AccountKey=", "xxxxxxxxxxxxxxxx",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\nabc\n-----END RSA PRIVATE KEY-----", "-----BEGIN", "PRIVATE KEY-----", "discord_token = 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "us14", "0123456789abcdef0123456789abcdef-us14", "\n", "\"", "the", "a.b",
    ];

    [Theory]
    [InlineData(GuardrailAction.Redact)]
    [InlineData(GuardrailAction.Mask)]
    [InlineData(GuardrailAction.Block)]
    public void A_stream_gives_what_the_whole_text_gives(GuardrailAction action)
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "secrets", Action = action });

        Streaming.Property(Streaming.Texts(_fragments), text => Streaming.AssertSame(set, text, randomCuts: 4), tests: 40);
    }

    [Fact]
    public void Together_with_personal_data_and_the_rest_too()
    {
        var set = Streaming.Set(
            new GuardrailRuleEntry { Detector = "secrets", Action = GuardrailAction.Redact },
            new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Pseudonymize, Terms = ["project x"], Patterns = ["C-[0-9]{4}"], Context = ["case"] },
            new GuardrailRuleEntry { Detector = "regex", Action = GuardrailAction.Mask, Patterns = ["(?i)\\btok[a-z]+", "e.{2,5}J"] },
            new GuardrailRuleEntry { Detector = "urls", Action = GuardrailAction.Redact, Allow = ["*.example.org"] });

        Streaming.Property(Streaming.Texts([.. _fragments, "case C-1234", "C-1234", "Project X", "https://a.example.org/x", "http://evil.test/?q=jane@x.org", "Jane Roe", "4111 1111 1111 1111"]), text => Streaming.AssertSame(set, text, randomCuts: 3), tests: 40);
    }

    [Theory]
    [InlineData("the key is AKIAIOSFODNN7ABCDEFG.", "the key is [AWS_ACCESS_KEY].")]
    [InlineData("password = \"Ab3!defg9\"", "password = \"[PASSWORD]\"")]
    [InlineData("DATABASE_URL=postgres://app:s3cr3tpw9@db:5432/x", "DATABASE_URL=[CONNECTION_STRING]")]
    [InlineData("api_key = \"your-api-key-goes-here-123\"", "api_key = \"your-api-key-goes-here-123\"")]
    [InlineData("var token = request.Headers.Authorization;", "var token = request.Headers.Authorization;")]
    public void Secrets_are_found_and_placeholders_are_not(string text, string expected) =>
        Assert.Equal(expected, Streaming.Whole(Streaming.Set(new GuardrailRuleEntry { Detector = "secrets", Action = GuardrailAction.Redact }), text));
}
