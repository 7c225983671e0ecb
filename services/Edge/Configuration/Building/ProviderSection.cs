using System.Buffers;
using System.Collections.ObjectModel;
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
        var like = section.Text("like");
        var known = ProviderCatalogue.Default.Find(like?.Text ?? id.Text);
        if (like is not null && known is null)
        {
            References.Check(context, like, "provider in the built-in table", "the built-in table", ProviderCatalogue.Default.All.Select(static p => p.Id));
        }

        var kind = section.Has("kind") ? ProviderKindNames.At(section.Choice("kind")) : known?.Kind ?? ProviderKind.OpenAI;
        // What the table says of a provider holds for the dialect it says it of.
        known = known?.Kind == kind ? known : null;
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
            Like = like?.Text,
            BaseUrl = ReadBaseUrl(id, section, context, kind, known, allowLinkLocal),
            AuthHeader = header?.Text ?? known?.AuthHeader ?? "Authorization",
            Headers = WithDefaults(ReadHeaders(section, context), known),
            StreamUsageOption = section.Flag("streamUsageOption", known?.StreamUsageOption ?? true),
            AllowLinkLocal = allowLinkLocal,
            Timeouts = ReadTimeouts(section.Section("timeouts")),
            Region = section.Text("region")?.Text,
            Project = section.Text("project")?.Text,
            Space = section.Text("space")?.Text,
            ApiVersion = section.Text("apiVersion")?.Text,
            TokenUrl = ReadTokenUrl(section, allowLinkLocal, context),
            NativeResponses = section.Flag("nativeResponses", known?.NativeResponses ?? false),
            Normalize = section.Flag("normalize", known?.Normalize ?? true),
            RenamedParameters = section.Has("rename") ? ReadRenames(section, context) : known?.RenamedParameters ?? ReadOnlyDictionary<string, string>.Empty,
            DroppedParameters = section.Has("drop") ? [.. section.Texts("drop").Select(static t => t.Text)] : known?.DroppedParameters ?? [],
            UsagePath = section.Text("usagePath")?.Text ?? known?.UsagePath,
        };
        return new FileProvider(entry, CredentialReader.Read(id, section, kind, context), section.Has("models") ? ReadModels(section, context) : null);
    }

    private static Dictionary<string, string> WithDefaults(Dictionary<string, string> headers, CatalogueProvider? known)
    {
        foreach (var (name, value) in known?.Headers ?? new Dictionary<string, string>())
        {
            headers.TryAdd(name, value);
        }

        return headers;
    }

    private static Dictionary<string, string> ReadRenames(SectionReader section, BuildContext context)
    {
        var renames = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in section.TextMap("rename"))
        {
            if (name.Text == "model" || !renames.TryAdd(name.Text, value.Text))
            {
                context.Error(name, "This member cannot be renamed here: it was given before, or the gateway sets it itself.");
            }
        }

        return renames;
    }

    private static string? ReadTokenUrl(SectionReader section, bool allowLinkLocal, BuildContext context)
    {
        if (section.Text("tokenUrl") is not { } text)
        {
            return null;
        }

        CheckBaseUrl(text, allowLinkLocal, context);
        return text.Text;
    }

    private static string ReadBaseUrl(TextValue id, SectionReader section, BuildContext context, ProviderKind kind, CatalogueProvider? known, bool allowLinkLocal)
    {
        if (section.Text("baseUrl") is { } text)
        {
            CheckBaseUrl(text, allowLinkLocal, context);
            return text.Text.TrimEnd('/');
        }

        if (section.Has("baseUrl") || (kind is not (ProviderKind.OpenAI or ProviderKind.AzureOpenAI) && known?.BaseUrl is null or ""))
        {
            // The other kinds have addresses of their own.
            return "";
        }

        if (known?.ExpandBaseUrl(context.Options.GetEnvironmentVariable) is { Length: > 0 } address)
        {
            return address;
        }

        if (known?.BaseUrlVariable is { } variable && context.Options.GetEnvironmentVariable(variable) is { Length: > 0 } own)
        {
            return own.TrimEnd('/');
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
