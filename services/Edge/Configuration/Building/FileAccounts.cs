using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Schema;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>customers</c>, <c>teams</c> and <c>users</c>, and checks that they and the keys below them make a tree.</summary>
internal sealed class FileAccounts
{
    private readonly BuildContext _context;
    private readonly AccountTree _tree;
    private readonly IReadOnlyList<FileGuardrail> _policies;

    private FileAccounts(SectionReader root, BuildContext context, IReadOnlyList<BudgetEntry> budgets, IReadOnlyList<FileGuardrail> policies)
    {
        _policies = policies;
        _context = context;
        Customers = [.. root.Map("customers").Select(c => Customer(c.Id, c.Section, budgets))];
        var customers = Customers.ToDictionary(static c => c.Id, StringComparer.Ordinal);
        var teams = new Dictionary<string, TeamEntry>(StringComparer.Ordinal);
        var users = new Dictionary<string, UserEntry>(StringComparer.Ordinal);
        _tree = new AccountTree(customers.GetValueOrDefault, teams.GetValueOrDefault, users.GetValueOrDefault);
        foreach (var (id, section) in root.Map("teams"))
        {
            var team = Team(id, section, budgets);
            teams[team.Id] = team;
            Tell(section, _tree.Problems(team));
        }

        Teams = [.. teams.Values];
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (id, section) in root.Map("users"))
        {
            var user = User(id, section, budgets, owners);
            users[user.Id] = user;
            Tell(section, _tree.Problems(user));
        }

        Users = [.. users.Values];
    }

    public IReadOnlyList<CustomerEntry> Customers { get; }

    public IReadOnlyList<TeamEntry> Teams { get; }

    public IReadOnlyList<UserEntry> Users { get; }

    public static FileAccounts Read(SectionReader root, BuildContext context, IReadOnlyList<BudgetEntry> budgets, IReadOnlyList<FileGuardrail> policies) =>
        new(root, context, budgets, policies);

    /// <summary>The team that a section names, or null.</summary>
    public string? Team(SectionReader section) => Reference(section, "team", "teams", Teams.Select(static t => t.Id));

    /// <summary>The user that a section names, or null.</summary>
    public string? User(SectionReader section) => Reference(section, "user", "users", Users.Select(static u => u.Id));

    /// <summary>The customer that a section names, or null.</summary>
    public string? Customer(SectionReader section) => Reference(section, "customer", "customers", Customers.Select(static c => c.Id));

    /// <summary>Checks that a key fits into the tree.</summary>
    public void Check(SectionReader section, VirtualKeyEntry key) => Tell(section, _tree.Problems(key));

    private CustomerEntry Customer(TextValue id, SectionReader section, IReadOnlyList<BudgetEntry> budgets)
    {
        Names.CheckId(_context, id);
        return new CustomerEntry
        {
            Id = id.Text,
            Name = Names.Display(_context, section, id),
            Enabled = section.Flag("enabled"),
            Limits = AccountSections.ReadLimits(section.Section("limits")),
            BudgetIds = AccountSections.ReadBudgetIds(section, _context, budgets),
        };
    }

    private TeamEntry Team(TextValue id, SectionReader section, IReadOnlyList<BudgetEntry> budgets)
    {
        Names.CheckId(_context, id);
        return new TeamEntry
        {
            Id = id.Text,
            Name = Names.Display(_context, section, id),
            CustomerId = Customer(section),
            Enabled = section.Flag("enabled"),
            Limits = AccountSections.ReadLimits(section.Section("limits")),
            BudgetIds = AccountSections.ReadBudgetIds(section, _context, budgets),
            GuardrailPolicies = GuardrailSection.ReadNames(section, _context, _policies),
        };
    }

    private UserEntry User(TextValue id, SectionReader section, IReadOnlyList<BudgetEntry> budgets, Dictionary<string, string> owners)
    {
        Names.CheckId(_context, id);
        return new UserEntry
        {
            Id = id.Text,
            Name = Names.Display(_context, section, id),
            Email = Email(id.Text, section, owners),
            TeamId = Team(section),
            CustomerId = Customer(section),
            Enabled = section.Flag("enabled"),
            Limits = AccountSections.ReadLimits(section.Section("limits")),
            BudgetIds = AccountSections.ReadBudgetIds(section, _context, budgets),
        };
    }

    private string? Email(string id, SectionReader section, Dictionary<string, string> owners)
    {
        if (section.Text("email") is not { } email)
        {
            return null;
        }

        if (!EmailAddress.IsGood(email.Text))
        {
            _context.Error(email, $"'{email.Text}' is no address. Legal: {ConfigurationSchema.At("users.<id>.email").Form}.");
        }
        else if (!owners.TryAdd(email.Text, id))
        {
            _context.Error(email, $"The user '{owners[email.Text]}' has this address already. Legal: an address of the user's own.");
        }

        return email.Text;
    }

    private string? Reference(SectionReader section, string key, string plural, IEnumerable<string> ids)
        => section.Text(key) is { } name && References.Check(_context, name, key, plural, ids) ? name.Text : null;

    private void Tell(SectionReader section, IEnumerable<AccountProblem> problems)
    {
        foreach (var problem in problems)
        {
            // Members that end in "Id" elsewhere are named without it in the file.
            var key = problem.Field[..^2];
            _context.Error(section.Join(key), section.PlaceOf(key), $"'{key}' {problem.Message}");
        }
    }
}
