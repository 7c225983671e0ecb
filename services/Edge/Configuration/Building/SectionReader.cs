using System.Globalization;
using Gateway.Edge.Configuration.Schema;
using Gateway.Edge.Configuration.Yaml;

namespace Gateway.Edge.Configuration.Building;

/// <summary>
/// Reads the keys of one section as the schema says. Every value that is wrong is reported and its default returned, so that reading
/// goes on and one run finds everything.
/// </summary>
internal sealed class SectionReader
{
    private readonly BuildContext _context;
    private readonly string _schemaPath;
    private readonly Dictionary<string, ConfigNode> _values = new(StringComparer.Ordinal);

    /// <summary>Opens a section and reports its unknown and missing keys.</summary>
    /// <param name="context">Collects the problems.</param>
    /// <param name="node">The section; null for one that is absent.</param>
    /// <param name="schemaPath">Its path in the schema.</param>
    /// <param name="path">Its path in the file.</param>
    /// <param name="place">Where it is, or would be.</param>
    public SectionReader(BuildContext context, ConfigNode? node, string schemaPath, string path, ConfigNode place)
    {
        (_context, _schemaPath, Path, Place) = (context, schemaPath, path, node ?? place);
        var legal = ConfigurationSchema.KeysOf(schemaPath);
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in Entries(node))
        {
            given.Add(key.Text);
            if (legal.Contains(key.Text))
            {
                _values.Add(key.Text, value);
            }
            else
            {
                var guess = Nearest.To(key.Text, legal);
                context.Error(Join(key.Text), key, $"This key is unknown.{(guess is null ? "" : $" Did you mean '{guess}'?")} Legal: {string.Join(", ", legal)}.");
            }
        }

        if (node is MappingNode or ScalarNode { IsNull: true })
        {
            foreach (var key in legal.Where(k => ConfigurationSchema.At(SchemaPathOf(k)).Required && !given.Contains(k)))
            {
                context.Error(Join(key), node, $"This key is missing. Legal: {ConfigurationSchema.At(SchemaPathOf(key)).Legal}.");
            }
        }
    }

    /// <summary>Path of this section in the file.</summary>
    public string Path { get; }

    /// <summary>Where this section is.</summary>
    public ConfigNode Place { get; }

    /// <summary>True when the key is there.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>A text, or null when it is absent or wrong.</summary>
    public TextValue? Text(string key) => _values.TryGetValue(key, out var node) ? ReadText(SettingOf(key), Join(key), node) : null;

    /// <summary>What the schema says for a key that is absent.</summary>
    public string DefaultOf(string key) => SettingOf(key).Default;

    /// <summary>A whole number or its default; null when neither is there.</summary>
    public long? Integer(string key)
    {
        var setting = SettingOf(key);
        if (_values.TryGetValue(key, out var node))
        {
            if (Scalar(setting, key, node) is not { } scalar)
            {
                return null;
            }

            if (!scalar.Quoted && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                if (value >= setting.Min && value <= setting.Max)
                {
                    return value;
                }

                Wrong(setting, key, scalar, "is out of range");
            }
            else
            {
                Wrong(setting, key, scalar, IsDigits(scalar) ? "is out of range" : "is not a whole number");
            }
        }

        return setting.Default.Length > 0 ? long.Parse(setting.Default, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>A whole number that fits an int by its range, or its default.</summary>
    public int Int(string key) => (int)(Integer(key) ?? (long)SettingOf(key).Min);

    /// <summary>A decimal number or its default; null when neither is there.</summary>
    public decimal? Amount(string key)
    {
        var setting = SettingOf(key);
        if (_values.TryGetValue(key, out var node) && Scalar(setting, key, node) is { } scalar)
        {
            const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            if (scalar.Quoted || !decimal.TryParse(scalar.Text, style, CultureInfo.InvariantCulture, out var value))
            {
                Wrong(setting, key, scalar, "is not a decimal number");
            }
            else if (value < setting.Min || value > setting.Max)
            {
                Wrong(setting, key, scalar, "is out of range");
            }
            else if (decimal.Round(value, 9) != value)
            {
                Wrong(setting, key, scalar, "has too many decimal places");
            }
            else
            {
                return value;
            }
        }

        return setting.Default.Length > 0 ? decimal.Parse(setting.Default, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>A flag or its default.</summary>
    public bool Flag(string key) => Flag(key, SettingOf(key).Default == "true");

    /// <summary>A flag or a default that depends on the case.</summary>
    public bool Flag(string key, bool fallback)
    {
        var setting = SettingOf(key);
        if (_values.TryGetValue(key, out var node) && Scalar(setting, key, node) is { } scalar)
        {
            switch (scalar.Text)
            {
                case "true" when !scalar.Quoted:
                    return true;
                case "false" when !scalar.Quoted:
                    return false;
                default:
                    Wrong(setting, key, scalar, "is neither true nor false");
                    break;
            }
        }

        return fallback;
    }

    /// <summary>The number of the choice made among the setting's names, or of its default.</summary>
    public int Choice(string key)
    {
        var setting = SettingOf(key);
        var fallback = setting.Choices.ToList().IndexOf(setting.Default);
        if (!_values.TryGetValue(key, out var node) || Scalar(setting, key, node) is not { } scalar)
        {
            return fallback;
        }

        var index = setting.Choices.ToList().IndexOf(scalar.Text);
        if (index < 0)
        {
            var guess = Nearest.To(scalar.Text, setting.Choices);
            Wrong(setting, key, scalar, guess is null ? "is not known" : $"is not known; did you mean '{guess}'?");
            return fallback;
        }

        return index;
    }

    /// <summary>A list of texts; empty when absent.</summary>
    public IReadOnlyList<TextValue> Texts(string key)
    {
        var setting = SettingOf(key);
        if (!_values.TryGetValue(key, out var node) || node is ScalarNode { IsNull: true })
        {
            return [];
        }

        if (node is not SequenceNode list)
        {
            _context.Error(Join(key), node, $"This must be a list, in [brackets] or with a '- ' before each item. Legal: {setting.Legal}.");
            return [];
        }

        var texts = new List<TextValue>(list.Items.Count);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (ReadText(setting, $"{Join(key)}[{i}]", list.Items[i]) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>Names with texts; empty when absent.</summary>
    public IReadOnlyList<(TextValue Name, TextValue Value)> TextMap(string key)
    {
        var setting = SettingOf(key);
        var pairs = new List<(TextValue, TextValue)>();
        if (_values.TryGetValue(key, out var node))
        {
            foreach (var (name, value) in Entries(node, Join(key)))
            {
                if (ReadText(setting, $"{Join(key)}.{name.Text}", value) is { } text)
                {
                    pairs.Add((new TextValue(name.Text, text.Path, name), text));
                }
            }
        }

        return pairs;
    }

    /// <summary>A section with fixed keys; one without any when it is absent.</summary>
    public SectionReader Section(string key)
        => new(_context, _values.GetValueOrDefault(key), SchemaPathOf(key), Join(key), Place);

    /// <summary>The sections under names the user chose, each with the name's place.</summary>
    public IEnumerable<(TextValue Id, SectionReader Section)> Map(string key)
    {
        var mapPath = SchemaPathOf(key);
        var itemPath = $"{mapPath}.{ConfigurationSchema.KeysOf(mapPath)[0]}";
        if (!_values.TryGetValue(key, out var node))
        {
            yield break;
        }

        foreach (var (name, value) in Entries(node, Join(key)))
        {
            var path = $"{Join(key)}.{name.Text}";
            yield return (new TextValue(name.Text, path, name), new SectionReader(_context, Lengthen(itemPath, value), itemPath, path, name));
        }
    }

    /// <summary>The sections of a list.</summary>
    public IEnumerable<SectionReader> Items(string key)
    {
        var itemPath = SchemaPathOf(key) + "[]";
        if (!_values.TryGetValue(key, out var node))
        {
            yield break;
        }

        var list = node as SequenceNode ?? new SequenceNode(node.Line, node.Column, node is ScalarNode { IsNull: true } ? [] : [node]);
        for (var i = 0; i < list.Items.Count; i++)
        {
            yield return new SectionReader(_context, Lengthen(itemPath, list.Items[i]), itemPath, $"{Join(key)}[{i}]", list.Items[i]);
        }
    }

    /// <summary>Where a key's value is, or the section when the key is absent.</summary>
    public ConfigNode PlaceOf(string key) => _values.GetValueOrDefault(key) ?? Place;

    /// <summary>Path of a key in the file.</summary>
    public string Join(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    private Setting SettingOf(string key) => ConfigurationSchema.At(SchemaPathOf(key));

    private string SchemaPathOf(string key) => _schemaPath.Length == 0 ? key : $"{_schemaPath}.{key}";

    /// <summary>A short form as the section it stands for.</summary>
    private static ConfigNode Lengthen(string schemaPath, ConfigNode node)
        => ConfigurationSchema.At(schemaPath).ShortFor is { } key && node is not MappingNode and not ScalarNode { IsNull: true }
            ? new MappingNode(node.Line, node.Column, [new ConfigEntry(new ScalarNode(node.Line, node.Column, key, Quoted: false), node)])
            : node;

    private IEnumerable<ConfigEntry> Entries(ConfigNode? node, string? path = null)
    {
        switch (node)
        {
            case MappingNode mapping:
                return mapping.Entries;
            case null or ScalarNode { IsNull: true }:
                return [];
            default:
                _context.Error(path ?? Path, node, $"This must be a section of keys with values, not {Kind(node)}.");
                return [];
        }
    }

    private ScalarNode? Scalar(Setting setting, string key, ConfigNode node)
    {
        if (node is ScalarNode { IsNull: false } scalar)
        {
            return scalar;
        }

        _context.Error(Join(key), node, node is ScalarNode
            ? $"This key has no value: give one or remove the key. Legal: {setting.Legal}."
            : $"This must be a single value, not {Kind(node)}. Legal: {setting.Legal}.");
        return null;
    }

    private TextValue? ReadText(Setting setting, string path, ConfigNode node)
    {
        if (node is not ScalarNode scalar)
        {
            _context.Error(path, node, $"This must be a single value, not {Kind(node)}. Legal: {setting.Legal}.");
            return null;
        }

        if (scalar.IsNull || scalar.Text.Length == 0)
        {
            _context.Error(path, node, $"This has no value: give one or remove it. Legal: {setting.Legal}.");
            return null;
        }

        if (!setting.Expands)
        {
            return new TextValue(scalar.Text, path, scalar);
        }

        var (text, error) = _context.Expansion.Expand(scalar.Text);
        if (error is not null)
        {
            _context.Error(path, node, error);
        }

        return text is null ? null : new TextValue(text, path, scalar);
    }

    private void Wrong(Setting setting, string key, ScalarNode scalar, string what)
        => _context.Error(Join(key), scalar, $"{Show(scalar)} {what}{(what.EndsWith('?') ? "" : ".")} Legal: {setting.Legal}.");

    private static string Show(ScalarNode scalar)
    {
        const int longest = 60;
        var text = scalar.Text.Length > longest ? scalar.Text[..longest] + "…" : scalar.Text;
        return scalar.Quoted ? $"The text \"{text}\"" : $"'{text}'";
    }

    private static bool IsDigits(ScalarNode scalar) => !scalar.Quoted && scalar.Text.Length > 0 && !scalar.Text.AsSpan().TrimStart("+-").ContainsAnyExceptInRange('0', '9');

    private static string Kind(ConfigNode node) => node switch { SequenceNode => "a list", MappingNode => "a section", _ => "a single value" };
}
