using System.Text.Json;

namespace Gateway.Benchmarks.Guardrails.Pii;

/// <summary>A labelled span, in the types that the measurement knows.</summary>
internal readonly record struct Span(int Start, int End, string Type);

/// <summary>A sentence with what is in it.</summary>
internal sealed record PiiSample(string Text, IReadOnlyList<Span> Spans, int Template)
{
    // As Presidio's own evaluation maps its sets: every part of an address and every place is a LOCATION. Job titles are no personal data to either.
    private static readonly Dictionary<string, string> _types = new(StringComparer.Ordinal)
    {
        ["PERSON"] = "PERSON", ["PREFIX"] = "PERSON", ["LOCATION"] = "LOCATION", ["ADDRESS"] = "LOCATION", ["ORGANIZATION"] = "ORGANIZATION", ["CREDIT_CARD"] = "CREDIT_CARD",
        ["PHONE_NUMBER"] = "PHONE_NUMBER", ["DATE_TIME"] = "DATE_TIME", ["EMAIL_ADDRESS"] = "EMAIL_ADDRESS", ["US_SSN"] = "US_SSN", ["IBAN_CODE"] = "IBAN_CODE",
        ["DOMAIN_NAME"] = "URL", ["US_DRIVER_LICENSE"] = "US_DRIVER_LICENSE", ["IP_ADDRESS"] = "IP_ADDRESS",
    };

    public static IReadOnlyList<PiiSample> Load(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var samples = new List<PiiSample>();
        foreach (var sample in document.RootElement.EnumerateArray())
        {
            var text = sample.GetProperty("full_text").GetString()!;
            var spans = new List<Span>();
            foreach (var span in sample.GetProperty("spans").EnumerateArray())
            {
                if (_types.TryGetValue(span.GetProperty("entity_type").GetString()!, out var type))
                {
                    // The set counts code points; a string counts UTF-16 units. They are the same in this set.
                    spans.Add(new Span(span.GetProperty("start_position").GetInt32(), span.GetProperty("end_position").GetInt32(), type));
                }
            }

            samples.Add(new PiiSample(text, [.. spans.OrderBy(static s => s.Start)], sample.GetProperty("template_id").GetInt32()));
        }

        return samples;
    }

    /// <summary>The measurement's type of a kind; kinds that the set does not label stay themselves.</summary>
    public static string TypeOf(string kind) => kind switch
    {
        "person" => "PERSON",
        "location" or "address" => "LOCATION",
        "organization" => "ORGANIZATION",
        "credit_card" => "CREDIT_CARD",
        "phone" => "PHONE_NUMBER",
        "date_time" or "date_of_birth" => "DATE_TIME",
        "email" => "EMAIL_ADDRESS",
        "us_ssn" => "US_SSN",
        "iban" => "IBAN_CODE",
        "url" => "URL",
        "driver_license" => "US_DRIVER_LICENSE",
        "ip_address" => "IP_ADDRESS",
        _ => kind,
    };
}
