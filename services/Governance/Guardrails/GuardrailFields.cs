using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Governance.Guardrails;

/// <summary>Reads a guardrail policy. What its rules must be, the compiler of policies says, as it does on the edges.</summary>
internal static class GuardrailFields
{
    private const int MostNames = 1000;
    private const int MostTerms = 10_000;
    private const int MostPatterns = 1000;
    private const int TextLength = 1000;
    private const int MostRules = 100;

    public static GuardrailPolicyEntry Read(ObjectReader reader, string id)
    {
        var entry = new GuardrailPolicyEntry
        {
            Id = id,
            Name = reader.Text("name", required: false, Formats.NameLength) ?? "",
            Enabled = reader.Boolean("enabled", true),
            Order = reader.Integer("order", 0, 10_000, 100),
            Mode = reader.Choice("mode", GuardrailMode.Enforce),
            Fail = reader.Choice<FailPolicy>("fail"),
            TimeoutMilliseconds = reader.Integer("timeoutMilliseconds", 1, 60_000, 2000),
            Sample = Share(reader, "sample") ?? 1,
            Inline = reader.Boolean("inline", false),
            AppliesTo = Selector(reader),
            Rules = [.. reader.NestedMany("rules", 1, MostRules).Select(Rule)],
        };
        if (!reader.Errors.Any)
        {
            foreach (var problem in PolicyCompiler.Compile(entry).Problems)
            {
                reader.Error(problem.Path, problem.Message);
            }
        }

        return entry;
    }

    private static GuardrailSelector? Selector(ObjectReader reader)
    {
        if (reader.Nested("appliesTo") is not { } nested)
        {
            return null;
        }

        var selector = new GuardrailSelector
        {
            Keys = nested.Texts("keys", MostNames, Formats.IdLength, Formats.Id),
            Teams = nested.Texts("teams", MostNames, Formats.IdLength, Formats.Id),
            Customers = nested.Texts("customers", MostNames, Formats.IdLength, Formats.Id),
            Routes = nested.Texts("routes", MostNames, Formats.ModelLength, Formats.Model),
            Models = nested.Texts("models", MostNames, Formats.ModelLength, Formats.Model),
            Tags = nested.Texts("tags", MostNames, Accounts.Tags.Length, Formats.Tag),
        };
        nested.Close();
        return selector;
    }

    private static GuardrailRuleEntry Rule(ObjectReader reader)
    {
        var rule = new GuardrailRuleEntry
        {
            Detector = reader.Text("detector", required: true, Formats.NameLength) ?? "",
            Action = reader.Choice("action", GuardrailAction.Flag),
            Scopes = Scopes(reader),
            Kinds = reader.Texts("kinds", MostNames, Formats.NameLength),
            MinScore = Share(reader, "minScore", zero: true),
            Message = reader.Document("message", TextLength, static _ => null),
            Route = Name(reader, "route"),
            Terms = reader.Texts("terms", MostTerms, TextLength),
            Patterns = reader.Texts("patterns", MostPatterns, TextLength),
            Context = reader.Texts("context", MostNames, TextLength),
            Allow = reader.Texts("allow", MostNames, TextLength),
            Max = (int?)reader.Integer("max", 1, int.MaxValue),
            Schema = reader.Document("schema", 100_000, static _ => null),
            Realistic = reader.Boolean("realistic", false),
            Endpoint = Endpoint(reader),
            JudgeRoute = Name(reader, "judgeRoute"),
            JudgePrompt = reader.Document("judgePrompt", 10_000, static _ => null),
        };
        reader.Close();
        return rule;
    }

    private static GuardrailEndpoint? Endpoint(ObjectReader reader)
    {
        if (reader.Nested("endpoint") is not { } nested)
        {
            return null;
        }

        var endpoint = new GuardrailEndpoint
        {
            Url = nested.Text("url", required: true, 2000, Formats.BaseUrl) ?? "",
            CredentialId = nested.Text("credentialId", required: false, Formats.ModelLength) is { Length: > 0 } credential ? credential : null,
            Policy = nested.Text("policy", required: false, 500) is { Length: > 0 } policy ? policy : null,
        };
        nested.Close();
        return endpoint;
    }

    private static List<GuardrailScope> Scopes(ObjectReader reader)
    {
        var scopes = new List<GuardrailScope>();
        foreach (var name in reader.Texts("scopes", 20, 50))
        {
            if (Enum.TryParse<GuardrailScope>(name, ignoreCase: true, out var scope) && Enum.IsDefined(scope) && !char.IsAsciiDigit(name[0]))
            {
                if (!scopes.Contains(scope))
                {
                    scopes.Add(scope);
                }
            }
            else
            {
                reader.Error("scopes", $"has '{name}'; it must have only {string.Join(", ", Enum.GetNames<GuardrailScope>())}.");
            }
        }

        return scopes;
    }

    private static double? Share(ObjectReader reader, string name, bool zero = false) =>
        reader.Number(name) is { } number
            ? number >= 0 && number <= 1 && (zero || number > 0) ? number : Refuse(reader, name, zero)
            : null;

    private static double? Refuse(ObjectReader reader, string name, bool zero)
    {
        reader.Error(name, string.Create(CultureInfo.InvariantCulture, $"must be a number {(zero ? "from 0" : "above 0")} up to 1."));
        return null;
    }

    private static string? Name(ObjectReader reader, string name) =>
        reader.Text(name, required: false, Formats.ModelLength, Formats.Model) is { Length: > 0 } text ? text : null;
}
