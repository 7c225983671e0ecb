using System.Text.Json;

namespace Gateway.Edge.Providers.Auth.Google;

/// <summary>A Google Cloud key document: what the console and <c>gcloud auth application-default login</c> write.</summary>
internal sealed record GoogleKey
{
    public required string Type { get; init; }

    public string ProjectId { get; init; } = "";

    public string ClientEmail { get; init; } = "";

    public string PrivateKey { get; init; } = "";

    public string PrivateKeyId { get; init; } = "";

    public string ClientId { get; init; } = "";

    public string ClientSecret { get; init; } = "";

    public string RefreshToken { get; init; } = "";

    public Uri? TokenUri { get; init; }

    /// <summary>Reads a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="problem">What is wrong, without any of its contents; empty when nothing is.</param>
    public static GoogleKey? Read(string json, out string problem)
    {
        JsonElement root;
        try
        {
            root = JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            problem = "the key document is not JSON";
            return null;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            problem = "the key document is not a JSON object";
            return null;
        }

        var key = new GoogleKey
        {
            Type = Text(root, "type"),
            ProjectId = Text(root, "project_id") is { Length: > 0 } project ? project : Text(root, "quota_project_id"),
            ClientEmail = Text(root, "client_email"),
            PrivateKey = Text(root, "private_key"),
            PrivateKeyId = Text(root, "private_key_id"),
            ClientId = Text(root, "client_id"),
            ClientSecret = Text(root, "client_secret"),
            RefreshToken = Text(root, "refresh_token"),
            TokenUri = Uri.TryCreate(Text(root, "token_uri"), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" ? uri : null,
        };
        problem = key.Type switch
        {
            "service_account" when key.ClientEmail.Length == 0 || key.PrivateKey.Length == 0 => "the service account's key document lacks client_email or private_key",
            "authorized_user" when key.ClientId.Length == 0 || key.ClientSecret.Length == 0 || key.RefreshToken.Length == 0 =>
                "the user's key document lacks client_id, client_secret or refresh_token",
            "service_account" or "authorized_user" => "",
            "external_account" => "key documents of the type external_account are not supported: use a service account, or the metadata service of the machine",
            _ => "the key document's type is neither service_account nor authorized_user",
        };
        return problem.Length == 0 ? key : null;
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
