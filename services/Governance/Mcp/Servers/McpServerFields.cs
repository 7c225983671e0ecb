using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Mcp.Servers;

/// <summary>Reads a server of the MCP hub.</summary>
internal static class McpServerFields
{
    // 1,000 USD: above any price of a call.
    private const long MostNanoUsd = 1_000_000_000_000;
    private const int MostTools = 500;
    private const int MostHeaders = 20;
    private const int MostTimeout = 3_600;

    public static McpServerEntry Read(ObjectReader reader, string id)
    {
        var entry = new McpServerEntry
        {
            Id = id,
            Name = reader.Text("name", required: false, Formats.NameLength) ?? "",
            Description = reader.Document("description", McpFormats.DescriptionLength, static _ => null) ?? "",
            Enabled = reader.Boolean("enabled", true),
            Transport = reader.Choice("transport", McpTransport.Http),
            Url = reader.Text("url", required: false, McpFormats.UrlLength, McpFormats.Address) ?? "",
            AllowLinkLocal = reader.Boolean("allowLinkLocal", false),
            Headers = reader.TextMap("headers", MostHeaders, McpFormats.UrlLength, McpFormats.Header),
            Stdio = McpStdioFields.Read(reader.Nested("stdio")),
            OpenApi = McpOpenApiFields.Read(reader.Nested("openApi")),
            Auth = Auth(reader.Nested("auth")),
            TimeoutSeconds = reader.Integer("timeoutSeconds", 1, MostTimeout, 60),
            MaxResponseBytes = reader.Integer("maxResponseBytes", 1024, 64 * 1024 * 1024, 8 * 1024 * 1024),
            MaxConcurrentCalls = reader.Integer("maxConcurrentCalls", 1, 10_000, 64),
            Trust = reader.Choice("trust", McpTrust.Review),
            Labels = Labels(reader) ?? [],
            Tools = [.. reader.NestedMany("tools", 0, MostTools).Select(Tool)],
        };
        Check(entry, reader);
        return entry;
    }

    private static void Check(McpServerEntry entry, ObjectReader reader)
    {
        var isStdio = entry.Transport == McpTransport.Stdio;
        var isOpenApi = entry.Transport == McpTransport.OpenApi;
        if (isStdio != entry.Stdio is not null)
        {
            reader.Error("stdio", isStdio ? "is required with the transport stdio: what is to be started." : "is only for the transport stdio.");
        }

        if (isOpenApi != entry.OpenApi is not null)
        {
            reader.Error("openApi", isOpenApi ? "is required with the transport openApi: the document." : "is only for the transport openApi.");
        }

        if (isStdio && entry.Url.Length > 0)
        {
            reader.Error("url", "is not for the transport stdio.");
        }
        else if (!isStdio && !isOpenApi && entry.Url.Length == 0)
        {
            reader.Error("url", "is required: the address of the server.");
        }

        if (isStdio && (entry.Auth is not null || entry.Headers.Count > 0))
        {
            reader.Error(entry.Auth is not null ? "auth" : "headers", "is not for the transport stdio: pass secrets in stdio.environment.");
        }
    }

    private static McpToolSettings Tool(ObjectReader reader)
    {
        var tool = new McpToolSettings
        {
            Tool = reader.Text("tool", required: true, Formats.ModelLength, McpFormats.ToolName) ?? "",
            Enabled = reader.Has("enabled") ? reader.Boolean("enabled", true) : Absent(reader, "enabled"),
            PriceNanoUsd = reader.Integer("priceNanoUsd", 0, MostNanoUsd),
            TimeoutSeconds = (int?)reader.Integer("timeoutSeconds", 1, MostTimeout),
            LimitPerMinute = (int?)reader.Integer("limitPerMinute", 1, 1_000_000),
            Approval = reader.Choice<McpApproval>("approval"),
            Labels = Labels(reader),
        };
        reader.Close();
        return tool;
    }

    // Asked for all the same, so that the name is a legal one.
    private static bool? Absent(ObjectReader reader, string name)
    {
        reader.Boolean(name, true);
        return null;
    }

    private static List<McpLabel>? Labels(ObjectReader reader)
    {
        if (!reader.Has("labels"))
        {
            reader.Ignore("labels");
        }

        var isThere = reader.Has("labels");
        var labels = new List<McpLabel>();
        foreach (var name in reader.Texts("labels", 10, 20))
        {
            if (Enum.TryParse<McpLabel>(name, ignoreCase: true, out var label) && Enum.IsDefined(label) && !char.IsAsciiDigit(name[0]))
            {
                if (!labels.Contains(label))
                {
                    labels.Add(label);
                }
            }
            else
            {
                reader.Error("labels", $"has '{name}'; it must have only {string.Join(", ", Enum.GetNames<McpLabel>())}.");
            }
        }

        return isThere ? labels : null;
    }

    private static McpAuthEntry? Auth(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var auth = new McpAuthEntry
        {
            CredentialId = Optional(reader.Text("credentialId", required: false, Formats.ModelLength, Formats.Model)),
            Header = reader.Text("header", required: false, Formats.NameLength, Formats.HeaderName) ?? "Authorization",
            Scheme = reader.Text("scheme", required: false, 50, static s => s.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) ? "must have only letters, digits, '-' and '_'." : null) ?? "Bearer",
            OAuth = OAuth(reader.Nested("oAuth") ?? reader.Nested("oauth")),
        };
        if (auth.CredentialId is null && auth.OAuth is null)
        {
            reader.Error("credentialId", "is required, or oAuth.");
        }

        reader.Close();
        return auth;
    }

    private static McpOAuthEntry? OAuth(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var oauth = new McpOAuthEntry
        {
            ClientId = reader.Text("clientId", required: false, McpFormats.UrlLength) ?? "",
            Scopes = reader.Texts("scopes", 100, Formats.NameLength),
            PerUser = reader.Boolean("perUser", false),
            Issuer = Optional(reader.Text("issuer", required: false, McpFormats.UrlLength, McpFormats.Address)),
        };
        reader.Close();
        return oauth;
    }

    internal static string? Optional(string? text) => text is { Length: > 0 } ? text : null;
}
