using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;

namespace Gateway.Dashboard.Pages.Providers;

/// <summary>Who answers, and with which secrets they are called.</summary>
public sealed class ProvidersPage : EntitiesPage
{
    public static Entity Providers { get; } = new()
    {
        Kind = "provider", Segment = "providers", Noun = "provider", Title = "Providers", Icon = "provider",
        About = "Addresses that serve models. Those found in the environment stand here too.",
        Columns =
        [
            new("Provider", p => p["id"].Text),
            new("Spoken to as", p => p["kind"].Text),
            new("Address", p => new Cell(p["baseUrl"].TextOr("built in")) { Wrap = true }),
            new("Like", p => p["like"].Text),
            new("Comes from", p => new Cell(p["source"].Text) { Tone = p["source"].Text == "stored" ? "" : "info" }),
            new("Changed", p => Cell.Ago(p["updatedAt"])),
        ],
        Fields =
        [
            new("id", "Id") { Required = true, OnlyNew = true, Placeholder = "openai", Hint = "Lower-case letters, digits, - _ ." },
            new("kind", "Spoken to as") { Options = Options("OpenAI", "Anthropic", "AzureOpenAI", "Gemini", "VertexAI", "Bedrock", "Cohere", "WatsonX", "ElevenLabs", "Deepgram"), Initial = "OpenAI", Hint = "OpenAI fits most, self-hosted ones included." },
            new("baseUrl", "Address") { Placeholder = "https://api.openai.com/v1", Hint = "With the version segment." },
            new("like", "Like the built-in provider") { Hint = "Its peculiarities hold; empty: those of the id." },
            new("region", "Region") { Hint = "AWS and Vertex AI." },
            new("project", "Project") { Hint = "Vertex AI and watsonx.ai." },
            new("apiVersion", "API version") { Hint = "Azure OpenAI and watsonx.ai." },
            new("authHeader", "Header of the credential") { Initial = "Authorization" },
            new("allowLinkLocal", "May be at a link-local or metadata address") { Form = FieldForm.Flag },
        ],
    };

    public static Entity Credentials { get; } = new()
    {
        Kind = "credential", Segment = "credentials", Noun = "credential", Title = "Credentials", Icon = "key",
        About = "Secrets that providers are called with: encrypted, or by reference to where they are kept. They are never shown again.",
        Columns =
        [
            new("Credential", c => c["id"].Text),
            new("Provider", c => c["providerId"].Text),
            new("Type", c => c["type"].Text),
            new("Kept", c => c["secretRef"].IsThere ? $"by reference ({c["secretRef"]["store"].TextOr("elsewhere")})" : c["source"].Text == "stored" ? "here, encrypted" : c["source"].Text),
            new("Changed", c => Cell.Ago(c["updatedAt"])),
        ],
        Fields =
        [
            new("id", "Id") { Required = true, OnlyNew = true, Placeholder = "openai-main" },
            new("providerId", "Provider") { Required = true, Of = ("providers", "provider") },
            new("type", "Type") { Options = Options("ApiKey", "ServiceAccount", "Aws", "Entra", "Ambient"), Initial = "ApiKey" },
            new("secret", "Secret") { Form = FieldForm.Secret, Hint = "Left empty it stays as it is." },
            new("secretRef", "Or a reference") { Form = FieldForm.Json, Placeholder = "{\"store\": \"env\", \"name\": \"OPENAI_API_KEY\"}" },
        ],
        Actions = [new EntityAction("resolve", "Check the secret", "run")],
    };

    public override string Pattern => "providers";

    public override string Title => "Providers";

    public override NavGroup Group => NavGroup.Models;

    public override string Icon => "provider";

    public override IReadOnlyList<Entity> Entities { get; } = [Providers, Credentials];

    /// <summary>Values that are their own text.</summary>
    public static IReadOnlyList<(string, string)> Options(params ReadOnlySpan<string> values)
    {
        var options = new List<(string, string)>();
        foreach (var value in values)
        {
            options.Add((value, value));
        }

        return options;
    }
}
