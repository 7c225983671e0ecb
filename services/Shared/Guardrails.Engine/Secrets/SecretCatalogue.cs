using System.Reflection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Secrets;

/// <summary>The kinds of secret, read once, with what is searched for in a text to find where one may be.</summary>
internal sealed class SecretCatalogue
{
    public const string PrivateKey = "private_key";
    public const string Jwt = "jwt";
    public const string ConnectionString = "connection_string";
    public const string Password = "password";
    public const string Generic = "generic_secret";

    private static readonly Lazy<SecretCatalogue> _default = new(static () => new SecretCatalogue());

    // Names that secrets are assigned to.
    private static readonly string[] _names = ["api_key", "apikey", "api-key", "api key", "secret", "token", "passw", "pwd", "passphrase", "credential", "access_key", "accesskey", "access-key", "private_key", "auth_key", "authkey", "bearer", "authorization"];

    private readonly Dictionary<string, List<SecretFormat>> _byTrigger = new(StringComparer.Ordinal);
    private readonly List<string>[] _triggersByFirst = new List<string>[128];

    private SecretCatalogue()
    {
        Formats = [.. Lines("SecretFormats.txt").Select(static l => new SecretFormat(l[..l.IndexOf(' ', StringComparison.Ordinal)], l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];
        Services = [.. Lines("SecretServices.txt").Select(static l => l.Split(' ')).Select(static p => new SecretService(p[0], p[1], p[2][0], int.Parse(p[2].AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)))];
        foreach (var format in Formats.Where(static f => f.Trigger.Length > 0))
        {
            if (!_byTrigger.TryGetValue(format.Trigger, out var list))
            {
                _byTrigger[format.Trigger] = list = [];
                (_triggersByFirst[format.Trigger[0]] ??= []).Add(format.Trigger);
            }

            list.Add(format);
        }

        string[] formats = [.. _byTrigger.Keys, "eyJ", "-----BEGIN", "://"];
        FormatTriggers = new TriggerSearch(formats, []);
        Triggers = new TriggerSearch(formats, [.. _names, .. Services.Select(static s => s.Name).Distinct()]);
        LongestTrigger = Math.Max(_byTrigger.Keys.Max(static t => t.Length), 20);
    }

    public static SecretCatalogue Default => _default.Value;

    public static IReadOnlyList<DetectorKind> Kinds { get; } =
    [
        .. Default.Formats.Select(static f => new DetectorKind(f.Kind, "by its form")),
        .. Default.Services.Select(static s => new DetectorKind(s.Kind, $"assigned to a name with «{s.Name}»")),
        new(PrivateKey, "private keys in PEM and PGP armour"),
        new(Jwt, "JSON web tokens"),
        new(ConnectionString, "URLs with a user and a password"),
        new(Password, "passwords, assigned or said"),
        new(Generic, "text of high entropy, assigned to a name such as api_key"),
    ];

    public IReadOnlyList<SecretFormat> Formats { get; }

    public IReadOnlyList<SecretService> Services { get; }

    public TriggerSearch FormatTriggers { get; }

    /// <summary>Those of formats, and the names.</summary>
    public TriggerSearch Triggers { get; }

    public int LongestTrigger { get; }

    public static IReadOnlyList<string> Names => _names;

    /// <summary>Adds the formats whose trigger stands at a place.</summary>
    public void At(ReadOnlySpan<char> text, int at, List<SecretFormat> formats)
    {
        var first = text[at];
        if (first < 128 && _triggersByFirst[first] is { } triggers)
        {
            foreach (var trigger in triggers)
            {
                if (text[at..].StartsWith(trigger, StringComparison.Ordinal))
                {
                    formats.AddRange(_byTrigger[trigger]);
                }
            }
        }
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Gateway.Guardrails.Engine.{file}")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}

/// <summary>A secret that only its name tells: class and length of the value.</summary>
internal sealed record SecretService(string Kind, string Name, char Class, int Length);
