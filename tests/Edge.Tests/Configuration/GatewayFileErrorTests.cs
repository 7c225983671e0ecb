using Gateway.Edge.Configuration.Schema;

namespace Gateway.Edge.Tests.Configuration;

public sealed class GatewayFileErrorTests
{
    /// <summary>What is appended to the minimal file (which has five lines), and the one error expected: its place, its key, and what it says.</summary>
    public static TheoryData<string, string> Wrong { get; } = new()
    {
        { "provider: {}", "5:1: provider: This key is unknown. Did you mean 'providers'? Legal: version, autoProviders, demo, server, requestLog, providers, deployments, priceOverrides, routes, keys, customers, teams, users, jwtIssuers, budgets, limits, guardrails, mcpServers, mcpBundles, mcpPolicies, settings." },
        { "settings: {maxJsonDeph: 9}", "5:12: settings.maxJsonDeph: This key is unknown. Did you mean 'maxJsonDepth'? Legal: maxRequestBytes, maxJsonDepth, defaultOutputTokens, onRevoke, requestLog, requestLogDetail, endUser, outputCap, promptEstimate, onAbandon, unreported, unpriced, assumedPrice, blockedTerms, guardrailFailure, cache, cachePolicy, cacheStorage, rateLimitHeaders, health, telemetry." },
        { "settings: {maxJsonDepth: 7}", "5:26: settings.maxJsonDepth: '7' is out of range. Legal: a whole number from 8 to 256." },
        { "settings: {maxJsonDepth: 99999999999999999999}", "5:26: settings.maxJsonDepth: '99999999999999999999' is out of range. Legal: a whole number from 8 to 256." },
        { "settings: {maxJsonDepth: many}", "5:26: settings.maxJsonDepth: 'many' is not a whole number. Legal: a whole number from 8 to 256." },
        { "settings: {maxJsonDepth: \"9\"}", "5:26: settings.maxJsonDepth: The text \"9\" is not a whole number. Legal: a whole number from 8 to 256." },
        { "settings: {maxJsonDepth: 1.5}", "5:26: settings.maxJsonDepth: '1.5' is not a whole number. Legal: a whole number from 8 to 256." },
        { "settings: {maxJsonDepth: [9]}", "5:26: settings.maxJsonDepth: This must be a single value, not a list. Legal: a whole number from 8 to 256." },
        { "settings: {maxJsonDepth: }", "5:26: settings.maxJsonDepth: This key has no value: give one or remove the key. Legal: a whole number from 8 to 256." },
        { "settings: {unpriced: alow}", "5:22: settings.unpriced: 'alow' is not known; did you mean 'allow'? Legal: deny, allow, assume." },
        { "settings: {unpriced: assume, assumedPrice: openai/nobody-knows}", "5:44: settings.assumedPrice: The built-in price table has no price of 'openai/nobody-knows'. Legal: a model of the built-in price table as `provider/model`." },
        { "priceOverrides: {o: {versions: [{version: a}]}}", "5:32: priceOverrides.o.versions: versions[0] must have a price or a factorBasisPoints, not both." },
        { "priceOverrides: {o: {versions: [{factorBasisPoints: 0}]}}", "5:53: priceOverrides.o.versions[0].factorBasisPoints: '0' is out of range. Legal: a whole number from 1 to 1000000." },
        { "priceOverrides: {o: {versions: [{from: soon, factorBasisPoints: 9}]}}", "5:40: priceOverrides.o.versions[0].from: 'soon' is not a time. Legal: a date or time such as 2026-12-01 or 2026-12-01T18:00:00Z (UTC unless an offset is given)." },
        { "priceOverrides: {o: {provider: nobody, versions: [{factorBasisPoints: 9}]}}", "5:32: priceOverrides.o.provider: There is no provider 'nobody'. Legal: demo." },
        { "priceOverrides: {o: {customer: nobody, versions: [{factorBasisPoints: 9}]}}", "5:32: priceOverrides.o.customer: There is no customer 'nobody'. Legal: an id under 'customers', which has none yet." },
        { "settings: {blockedTerms: x}", "5:26: settings.blockedTerms: This must be a list, in [brackets] or with a '- ' before each item. Legal: a list of texts." },
        { "settings: 3", "5:11: settings: This must be a section of keys with values, not a single value." },
        { "demo: yes", "5:7: demo: 'yes' is neither true nor false. Legal: true, false." },
        { "server: {port: 70000}", "5:16: server.port: '70000' is out of range. Legal: a whole number from 0 to 65535." },
        { "demo: true\ndemo: false", "6:1: demo: This key was given before, in line 5: keep one of the two." },
        { "providers: {opnai: {apiKey: x}}", "5:13: providers.opnai.baseUrl: This key is missing: the built-in table has no address for 'opnai'. Did you mean the provider 'openai'? Legal: an absolute http or https address without query." },
        { "providers: {databricks: {apiKey: x}}", "5:13: providers.databricks.baseUrl: This key is missing: 'databricks' has a different address in every installation, of the form https://{DATABRICKS_HOST}/serving-endpoints. Legal: an absolute http or https address without query." },
        { "providers: {x: {baseUrl: 'ftp://x'}}", "5:26: providers.x.baseUrl: This is not an address that can be called. Legal: an absolute http or https address without query." },
        { "providers: {x: {baseUrl: 'https://user:secret@x/v1'}}", "5:26: providers.x.baseUrl: A user name or password does not belong into an address: use apiKey or headers. Legal: an absolute http or https address without query." },
        { "providers: {x: {baseUrl: 'http://169.254.169.254/v1'}}", "5:26: providers.x.baseUrl: Link-local and metadata addresses are refused: they give away the machine's own credentials. Set allowLinkLocal: true if this is meant." },
        { "providers: {Open AI: {baseUrl: 'http://x/v1'}}", "5:13: providers.Open AI: This is no provider id. Legal: 1 to 64 lower-case letters, digits, '-', '_', '.'." },
        { "providers: {openai: {kind: open-ai}}", "5:28: providers.openai.kind: 'open-ai' is not known; did you mean 'openai'? Legal: openai, demo, azure, anthropic, gemini, vertexai, bedrock, cohere, watsonx, elevenlabs, deepgram." },
        { "providers: {openai: {apiKey: '${NOT_SET}'}}", "5:30: providers.openai.apiKey: The environment variable NOT_SET is not set. Set it, or remove the key." },
        { "providers: {openai: {apiKey: '${file:/no/such/file}'}}", "5:30: providers.openai.apiKey: The file /no/such/file cannot be read: it does not exist." },
        { "providers: {openai: {apiKey: '${OPEN'}}", "5:30: providers.openai.apiKey: '${' without '}'. Write ${VARIABLE} or ${file:PATH}, or $${ for the characters themselves." },
        { "providers: {openai: {headers: {Content-Length: 3}}}", "5:32: providers.openai.headers.Content-Length: The gateway sets this header itself. Legal: any header but Host, Content-Length, Content-Type, Transfer-Encoding, Connection, Keep-Alive, Upgrade, TE, Trailer, Expect." },
        { "providers: {openai: {timeouts: {connectMs: 0}}}", "5:44: providers.openai.timeouts.connectMs: '0' is out of range. Legal: a whole number from 1 to 600000." },
        { "deployments: {d: {provider: nobody, model: m}}", "5:29: deployments.d.provider: There is no provider 'nobody'. Legal: demo." },
        { "deployments: {d: {provider: groq, model: m}}", "5:29: deployments.d.provider: There is no provider 'groq'. The provider 'groq' is known but not configured: set GROQ_API_KEY, or add it under 'providers'. Legal: demo." },
        { "deployments: {d: {provider: demo}}", "5:18: deployments.d.model: This key is missing. Legal: a model name." },
        { "deployments: {d: {provider: demo, model: m, price: {inputPerMillion: 1}}}", "5:52: deployments.d.price.outputPerMillion: This key is missing. Legal: a decimal number from 0 to 1000000 with at most 9 decimal places." },
        { "deployments: {d: {provider: demo, model: m, price: {inputPerMillion: 1e3, outputPerMillion: 1}}}", "5:70: deployments.d.price.inputPerMillion: '1e3' is not a decimal number. Legal: a decimal number from 0 to 1000000 with at most 9 decimal places." },
        { "teams: {t: {customer: nobody}}", "5:23: teams.t.customer: There is no customer 'nobody'. Legal: an id under 'customers', which has none yet." },
        { "customers: {c: , d: }\nteams: {t: {customer: c}}\nusers: {u: {team: t, customer: d}}", "7:32: users.u.customer: 'customer' is 'd', but the team 't' belongs to 'c'; leave it out or make both the same." },
        { "users: {u: {email: nobody}}", "5:20: users.u.email: 'nobody' is no address. Legal: an address like name@example.com." },
        { "users: {u: {email: a@b.c}, v: {email: A@B.C}}", "5:39: users.v.email: The user 'u' has this address already. Legal: an address of the user's own." },
        { "settings: {endUser: [body]}", "5:22: settings.endUser[0]: 'body' is no place of a request. Legal: header, user, safety_identifier, baggage, metadata.NAME." },
        { "routes: {r: demoo}", "5:13: routes.r.targets[0].deployment: There is no deployment 'demoo'. Did you mean 'demo'? Legal: demo." },
        { "routes: {r: openai/gpt-4o}", "5:13: routes.r.targets[0].deployment: There is no deployment 'openai/gpt-4o'. The provider 'openai' is known but not configured: set OPENAI_API_KEY, or add it under 'providers'. Legal: demo." },
        { "routes: {r: []}", "5:13: routes.r.targets: A route needs at least one target. Legal: a list of deployment ids." },
        { "routes: {r: {strategy: priority}}", "5:13: routes.r.targets: This key is missing. Legal: a list." },
        { "routes: {r: {strategy: random, targets: demo}}", "5:24: routes.r.strategy: 'random' is not known. Legal: priority, weighted, round-robin, lowest-latency, least-in-flight, lowest-cost, sticky." },
        { "routes: {r: {maxAttempts: 11, targets: [demo]}}", "5:27: routes.r.maxAttempts: '11' is out of range. Legal: a whole number from 1 to 10." },
        { "routes: {r: {targets: [{deployment: demo, weight: -1}]}}", "5:51: routes.r.targets[0].weight: '-1' is out of range. Legal: a whole number from 0 to 1000." },
        { "routes: {r: {strategy: weighted, targets: [{deployment: demo, weight: 0}]}}", "5:43: routes.r.targets: Every target has weight 0: at least one must be above." },
        { "routes: {'a*b*': demo}", "5:10: routes.a*b*: A '*' is only allowed once. Legal: a model name, in which one '*' stands for any characters." },
        { "routes: {r: {targets: demo, rules: [{when: 'tokens >', targets: [demo]}]}}", "5:36: routes.r.rules[0].when: At character 9: A value is expected here, not the end. Legal: a text in quotes, a number, a list in [ ], key, team, model, operation, user, tokens, maxTokens, budgetUsed, stream, hour, weekday, true, false, header[\"…\"], metadata[\"…\"], attribute[\"…\"], hour(\"ZONE\"), weekday(\"ZONE\"), lower(…), length(…), number(…)." },
        { "routes: {r: {targets: demo, fallbacks: [dem]}}", "5:40: routes.r.fallbacks[0]: There is no route 'dem'. Did you mean 'demo'? Legal: r, demo." },
        { "routes: {r: {targets: demo, stickyBy: [cookie]}}", "5:39: routes.r.stickyBy[0]: 'cookie' names no session. Legal: header:NAME, metadata:NAME, user, key." },
        { "routes: {r: {targets: demo, hedge: {delayMs: 1, percentile: 90}}}", "5:36: routes.r.hedge: Hedging has either delayMs or percentile, not both." },
        { "providers: {x: {baseUrl: 'http://x/v1'}}\nroutes: {r: x/*}", "6:13: routes.r.targets[0].deployment: The deployment 'x/*' takes its model name from the '*' of the route, but the route 'r' has none. Legal: a deployment with a model name of its own." },
        { "teams: {t: {budgets: [nope]}}", "5:23: teams.t.budgets[0]: There is no budget 'nope'. Legal: an id under 'budgets', which has none yet." },
        { "budgets: {b: {limitUsd: 0.0000000001}}", "5:25: budgets.b.limitUsd: '0.0000000001' has too many decimal places. Legal: a decimal number from 0 to 1000000000 with at most 9 decimal places." },
        { "budgets: {b: {limitUsd: -1}}", "5:25: budgets.b.limitUsd: '-1' is out of range. Legal: a decimal number from 0 to 1000000000 with at most 9 decimal places." },
        { "budgets: {b: {limitUsd: 1, window: weak}}", "5:36: budgets.b.window: 'weak' is not known; did you mean 'week'? Legal: total, minute, hour, day, week, month, year." },
        { "demo: &a true", "5:7: demo: Anchors (&name) are not supported: write the value out where it is needed." },
    };

    /// <summary>As above for a key.</summary>
    public static TheoryData<string, string> WrongKeys { get; } = new()
    {
        { "{}", "4:6: keys.k: A key needs 'value' (16 to 256 visible ASCII characters, ${VARIABLE} or ${file:PATH}) or 'sha256' (64 hexadecimal digits)." },
        { "{value: short}", "4:14: keys.k.value: This cannot be a key. Legal: 16 to 256 visible ASCII characters, ${VARIABLE} or ${file:PATH}." },
        { "{sha256: abc}", "4:15: keys.k.sha256: This is not a SHA-256 hash. Legal: 64 hexadecimal digits." },
        { "{value: gw-0123456789abcdef, team: x}", "4:41: keys.k.team: There is no team 'x'. Legal: an id under 'teams', which has none yet." },
        { "{value: gw-0123456789abcdef, expiresAt: soon}", "4:46: keys.k.expiresAt: 'soon' is not a time. Legal: a date or time such as 2030-12-31 or 2030-12-31T18:00:00Z (UTC unless an offset is given)." },
        { "{value: gw-0123456789abcdef, allowedIps: [10.0.0.0/33]}", "4:48: keys.k.allowedIps[0]: '10.0.0.0/33' is neither an address nor a range. Legal: addresses or CIDR ranges such as 10.0.0.0/8." },
        { "{value: gw-0123456789abcdef, allowedProviders: [openia]}", "4:54: keys.k.allowedProviders[0]: There is no provider 'openia'. Legal: demo." },
        { "{value: gw-0123456789abcdef, limits: {requestsPerMinute: 0}}", "4:63: keys.k.limits.requestsPerMinute: '0' is out of range. Legal: a whole number from 1 to 1000000000." },
        { "{value: gw-0123456789abcdef, tags: [a b]}", "4:42: keys.k.tags[0]: This is not a tag. Legal: tags of 1 to 64 letters, digits and - _ . : /." },
        { "{value: gw-0123456789abcdef, mcpTools: [all]}", "4:46: keys.k.mcpTools[0]: This is not a tool. Legal: server/tool, one * allowed in each part." },
        { "{value: gw-0123456789abcdef, onRevoke: kill}", "4:45: keys.k.onRevoke: 'kill' is not known. Legal: finish, cut." },
        { "{value: gw-0123456789abcdef, user: nobody}", "4:41: keys.k.user: There is no user 'nobody'. Legal: an id under 'users', which has none yet." },
        { "{value: gw-0123456789abcdef, previousUntil: 2030-01-01}", "4:6: keys.k: 'previousSha256' and 'previousUntil' go together. Legal: both or neither." },
        { "{value: gw-0123456789abcdef, limit: 3}", "4:35: keys.k.limit: This key is unknown. Did you mean 'limits'? Legal: name, value, sha256, previousSha256, previousUntil, team, user, customer, tags, enabled, expiresAt, allowedModels, allowedRoutes, mcpTools, mcpChat, guardrailPolicies, requestLog, onRevoke, outputCap, defaultOutputTokens, allowedProviders, allowedIps, requiredMetadata, budgets, routes, priority, limits, cache." },
        { "{value: gw-0123456789abcdef}\n  j: {value: gw-0123456789abcdef}", "5:3: keys.j: This key has the same value as 'k': every key needs its own." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void An_error_names_place_key_fault_and_legal_values(string yaml, string expected)
        => Assert.Equal(expected, Files.Describe(Files.Parse(Files.Minimal + yaml + "\n")));

    [Theory]
    [MemberData(nameof(WrongKeys))]
    public void An_error_in_a_key_names_place_key_fault_and_legal_values(string key, string expected)
        => Assert.Equal(expected, Files.Describe(Files.Parse($"version: 1\nautoProviders: false\nkeys:\n  k: {key}\n")));

    [Theory]
    [InlineData("", "version: This key is missing")]
    [InlineData("# nothing\n", "version: This key is missing")]
    [InlineData("- a\n", "This must be a section of keys with values, not a list")]
    [InlineData("version: 2\n", "'2' is out of range. Legal: a whole number from 1 to 1")]
    [InlineData("version: 1\nkeys: [\n", "not valid YAML")]
    [InlineData("version: 1\n  bad: indent\n", "2:")]
    [InlineData("version: 1\n---\nversion: 1\n", "2:1: The file holds more than one YAML document")]
    [InlineData("version: 1\nkeys: *nobody\n", "2:7: keys: Aliases (*name) are not supported")]
    [InlineData("version: 1\n? [a]\n: b\n", "A key must be plain text")]
    public void A_file_of_the_wrong_shape_is_told_where(string yaml, string expected)
    {
        var result = Files.Parse(yaml);

        Assert.Null(result.Snapshot);
        Assert.Contains(expected, Files.Describe(result), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_come_at_once_in_the_order_of_the_file()
    {
        var result = Files.Parse("version: 3\ndemo: maybe\nproviders:\n  openai: {apiKey: '${GONE}', timeouts: {idleMs: -4}}\nroutes:\n  r: nowhere\nfoo: 1\nkeys: {}\n");

        Assert.Equal([1, 2, 4, 4, 6, 7], result.Errors.Select(e => e.Line));
    }

    [Fact]
    public void Secrets_are_never_in_an_error()
    {
        var result = Files.Parse(
            """
            version: 1
            providers:
              a: {apiKey: ["top-secret"], baseUrl: 'https://top-secret@x/', headers: {Host: top-secret, X: {y: top-secret}}}
              b: {apiKey: "top-secret ${MISSING}", baseUrl: 'http://x'}
            keys:
              k: {value: top-secret}
              l: {sha256: top-secret}
              m: {value: "${SHORT}"}
            """,
            ("SHORT", "top-secret"));

        Assert.True(result.Errors.Count >= 7, Files.Describe(result));
        Assert.DoesNotContain("top-secret", Files.Describe(result), StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_rather_than_followed()
        => Assert.Contains("Nested deeper", Files.Describe(Files.Parse("version: " + new string('[', 100_000))), StringComparison.Ordinal);

    /// <summary>The table, the loader and the errors cannot drift apart: each key of the table is really read with its own legal values.</summary>
    [Fact]
    public void Every_setting_of_the_table_is_checked_by_the_loader()
    {
        foreach (var setting in ConfigurationSchema.All.Where(s => s.Type is not (SettingType.Map or SettingType.Section or SettingType.List)))
        {
            var path = setting.Path.Replace("<id>", "openai", StringComparison.Ordinal).Replace("<name>", "r", StringComparison.Ordinal);
            var yaml = "{a: [1]}";
            foreach (var part in path.Split('.').Reverse())
            {
                yaml = part.EndsWith("[]", StringComparison.Ordinal) ? $"{{{part[..^2]}: [{yaml}]}}" : $"{{{part}: {yaml}}}";
            }

            var shown = path.Replace("[]", "[0]", StringComparison.Ordinal);
            var errors = Files.Parse(yaml).Errors.Where(e => e.Path == shown || e.Path == shown + ".a").ToList();
            Assert.True(errors.Count == 1 && errors[0].Message.Contains(setting.Legal, StringComparison.Ordinal), $"{shown}: {string.Join(" / ", errors)}");
        }
    }
}
