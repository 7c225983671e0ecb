using System.Buffers;
using System.Net;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Schema;

namespace Gateway.Edge.Configuration.Building;

/// <summary>What the file says of one provider.</summary>
/// <param name="Entry">The provider.</param>
/// <param name="Credential">Its key, or null.</param>
/// <param name="Models">The models it is said to serve; null when the file leaves that to the built-in table.</param>
internal sealed record FileProvider(ProviderEntry Entry, CredentialEntry? Credential, IReadOnlyList<string>? Models);

/// <summary>Reads <c>providers</c>.</summary>
internal static class ProviderSection
{
    private static readonly SearchValues<char> HeaderCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] OwnHeaders =
        ["Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect"];

    private static readonly string[] MetadataHosts = ["metadata", "metadata.google.internal", "metadata.goog", "instance-data"];

    public static List<FileProvider> Read(SectionReader root, BuildContext context)
    {
        var providers = new List<FileProvider>();
        foreach (var (id, section) in root.Map("providers"))
        {
            Names.CheckProvider(context, id);
            providers.Add(ReadOne(id, section, context));
        }

        return providers;
    }

    private static FileProvider ReadOne(TextValue id, SectionReader section, BuildContext context)
    {
        var known = ProviderCatalogue.Default.Find(id.Text);
        var kind = section.Choice("kind") == 1 ? ProviderKind.Demo : ProviderKind.OpenAI;
        var allowLinkLocal = section.Flag("allowLinkLocal");
        var header = section.Text("authHeader");
        if (header is not null)
        {
            CheckHeaderName(header, context);
        }

        var entry = new ProviderEntry
        {
            Id = id.Text,
            Kind = kind,
            BaseUrl = ReadBaseUrl(id, section, context, kind, known, allowLinkLocal),
            AuthHeader = header?.Text ?? known?.AuthHeader ?? "Authorization",
            Headers = ReadHeaders(section, context),
            StreamUsageOption = section.Flag("streamUsageOption", known?.StreamUsageOption ?? true),
            AllowLinkLocal = allowLinkLocal,
            Timeouts = ReadTimeouts(section.Section("timeouts")),
        };
        var key = section.Text("apiKey");
        if (key is not null && key.Text.Any(static c => c is < ' ' or > '~'))
        {
            context.Error(key, "The key holds characters that cannot be sent in a header. Legal: visible ASCII characters.");
        }

        return new FileProvider(
            entry,
            key is null ? null : new CredentialEntry { Id = id.Text, ProviderId = id.Text, Secret = key.Text },
            section.Has("models") ? ReadModels(section, context) : null);
    }

    private static string ReadBaseUrl(TextValue id, SectionReader section, BuildContext context, ProviderKind kind, CatalogueProvider? known, bool allowLinkLocal)
    {
        if (section.Text("baseUrl") is { } text)
        {
            CheckBaseUrl(text, allowLinkLocal, context);
            return text.Text.TrimEnd('/');
        }

        if (kind == ProviderKind.Demo || section.Has("baseUrl"))
        {
            return "";
        }

        if (known is { HasUsableBaseUrl: true })
        {
            return known.BaseUrl;
        }

        var legal = ConfigurationSchema.At("providers.<id>.baseUrl").Legal;
        var guess = known is null ? Nearest.To(id.Text, ProviderCatalogue.Default.All.Where(static p => p.HasUsableBaseUrl).Select(static p => p.Id)) : null;
        context.Error(section.Join("baseUrl"), id.Node, known is { BaseUrl.Length: > 0 }
            ? $"This key is missing: '{id.Text}' has a different address in every installation, of the form {known.BaseUrl}. Legal: {legal}."
            : $"This key is missing: the built-in table has no address for '{id.Text}'.{(guess is null ? "" : $" Did you mean the provider '{guess}'?")} Legal: {legal}.");
        return "";
    }

    private static void CheckBaseUrl(TextValue text, bool allowLinkLocal, BuildContext context)
    {
        var legal = ConfigurationSchema.At("providers.<id>.baseUrl").Legal;
        if (!Uri.TryCreate(text.Text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            context.Error(text, $"This is not an address that can be called. Legal: {legal}.");
        }
        else if (uri.Query.Length > 0 || uri.Fragment.Length > 0 || text.Text.Contains('{', StringComparison.Ordinal))
        {
            context.Error(text, $"An address must have no query, no fragment and no {{placeholder}}. Legal: {legal}.");
        }
        else if (uri.UserInfo.Length > 0)
        {
            context.Error(text, $"A user name or password does not belong into an address: use apiKey or headers. Legal: {legal}.");
        }
        else if (!allowLinkLocal && IsLinkLocal(uri))
        {
            context.Error(text, "Link-local and metadata addresses are refused: they give away the machine's own credentials. Set allowLinkLocal: true if this is meant.");
        }
    }

    private static bool IsLinkLocal(Uri uri)
    {
        if (MetadataHosts.Contains(uri.IdnHost.TrimEnd('.'), StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var address))
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.IsIPv6LinkLocal || (address.GetAddressBytes() is [169, 254, _, _]);
    }

    private static Dictionary<string, string> ReadHeaders(SectionReader section, BuildContext context)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in section.TextMap("headers"))
        {
            CheckHeaderName(name, context);
            if (value.Text.Any(static c => c is < ' ' or > '~'))
            {
                context.Error(value, "A header value may hold visible ASCII characters and spaces only.");
            }

            if (!headers.TryAdd(name.Text, value.Text))
            {
                context.Error(name, "This header was given before: names are the same in upper and lower case.");
            }
        }

        return headers;
    }

    private static void CheckHeaderName(TextValue name, BuildContext context)
    {
        if (name.Text.Length is 0 or > 128 || name.Text.AsSpan().ContainsAnyExcept(HeaderCharacters))
        {
            context.Error(name, "This is not a header name. Legal: letters, digits and !#$%&'*+-.^_`|~.");
        }
        else if (OwnHeaders.Contains(name.Text, StringComparer.OrdinalIgnoreCase))
        {
            context.Error(name, $"The gateway sets this header itself. Legal: any header but {string.Join(", ", OwnHeaders)}.");
        }
    }

    private static List<string> ReadModels(SectionReader section, BuildContext context)
    {
        var models = new List<string>();
        foreach (var model in section.Texts("models"))
        {
            if (model.Text.Contains('*', StringComparison.Ordinal))
            {
                context.Error(model, "A list of models holds names only. Leave the key 'models' out to let any model through.");
            }
            else if (Names.CheckRoute(context, model) && !models.Contains(model.Text))
            {
                models.Add(model.Text);
            }
        }

        return models;
    }

    private static TimeoutEntry ReadTimeouts(SectionReader timeouts) => new()
    {
        ConnectMs = timeouts.Int("connectMs"),
        FirstByteMs = timeouts.Int("firstByteMs"),
        IdleMs = timeouts.Int("idleMs"),
        TotalMs = timeouts.Int("totalMs"),
    };
}
