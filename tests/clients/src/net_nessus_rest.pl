# A whole scan with Debian's Net::Nessus::REST as it is. Prints a line for each call, and the number of those that passed.
# Usage: perl net_nessus_rest.pl URL USERNAME PASSWORD CA_FILE REPORT_FILE
use strict;
use warnings;
use Net::Nessus::REST;

my ($url, $username, $password, $ca_file, $report) = @ARGV;
my ($passed, $failed) = (0, 0);

# Runs one step; what it returns has to be true.
sub step {
    my ($name, $call) = @_;
    my $answer = eval { $call->() };
    my $why = $@;
    if ($answer) {
        $passed++;
        print "ok $name\n";
        return $answer;
    }
    $failed++;
    $why =~ s/\s+\z//;
    print "not ok $name: ", ($why || 'nothing was answered'), "\n";
    return;
}

# Asks until an answer is what is waited for.
sub wait_for {
    my ($wanted, $call) = @_;
    for (1 .. 300) {
        return 1 if $call->() eq $wanted;
        select(undef, undef, undef, 0.1);
    }
    return 0;
}

my $nessus = Net::Nessus::REST->new(
    url      => $url,
    timeout  => 20,
    ssl_opts => { verify_hostname => 1, SSL_ca_file => $ca_file },
);
step('create_session', sub {
    $nessus->create_session(username => $username, password => $password);
    return 1;
});
step('list_scanners', sub { my @all = $nessus->list_scanners(); return scalar @all });
step('list_folders', sub { my @all = $nessus->list_folders(); return scalar @all });
step('list_templates', sub { my @all = $nessus->list_templates(type => 'policy'); return scalar @all });
step('list_plugin_families', sub { my @all = $nessus->list_plugin_families(); return scalar @all });
step('list_policies', sub { my @all = $nessus->list_policies(); return @all == 1 && $all[0]{name} eq 'Ours' });
my $policy = step('get_policy_id', sub { $nessus->get_policy_id(name => 'Ours') });
my $uuid = step('get_template_id', sub { $nessus->get_template_id(type => 'scan', name => 'advanced') });
step('configure_policy', sub {
    $nessus->configure_policy(id => $policy, uuid => $uuid, settings => { name => 'Ours', description => 'd' });
    return 1;
});
my $scan = step('create_scan', sub {
    $nessus->create_scan(uuid => $uuid, settings => { name => 'of perl', text_targets => '192.0.2.0/28' });
});
my $id = $scan->{id};
step('get_scan_id', sub { $nessus->get_scan_id(name => 'of perl') == $id });
step('configure_scan', sub {
    $nessus->configure_scan(
        scan_id => $id, uuid => $uuid, settings => { name => 'of perl', text_targets => '192.0.2.0/27' });
});
my $run = step('launch_scan', sub { $nessus->launch_scan(scan_id => $id) });
step('get_scan_status', sub { wait_for('completed', sub { $nessus->get_scan_status(scan_id => $id) }) });
my $history = step('get_scan_history_id', sub {
    $nessus->get_scan_history_id(scan_id => $id, scan_uuid => $run);
});
my $hosts = step('get_scan_details', sub { $nessus->get_scan_details(scan_id => $id)->{hosts} });
my $host = $hosts->[0]{host_id};
my $found = step('get_scan_host_details', sub {
    $nessus->get_scan_host_details(scan_id => $id, host_id => $host)->{vulnerabilities};
});
step('get_scan_plugin_output', sub {
    $nessus->get_scan_plugin_output(
        scan_id => $id, host_id => $host, plugin_id => $found->[0]{plugin_id})->{outputs};
});
my $file = step('export_scan', sub {
    $nessus->export_scan(scan_id => $id, history_id => $history, format => 'nessus');
});
step('get_scan_export_status', sub {
    wait_for('ready', sub { $nessus->get_scan_export_status(scan_id => $id, file_id => $file) });
});
step('download_scan', sub {
    $nessus->download_scan(scan_id => $id, file_id => $file, filename => $report);
    return -s $report;
});
step('file_upload', sub { $nessus->file_upload(file => $report)->{fileuploaded} });
step('set_scan_read_status', sub { $nessus->set_scan_read_status(scan_id => $id, status => 'read') });
step('delete_scan_history', sub {
    $nessus->delete_scan_history(scan_id => $id, history_id => $history);
});
step('delete_scan', sub { $nessus->delete_scan(scan_id => $id) });
step('delete_policy', sub { $nessus->delete_policy(id => $policy); return 1 });
step('destroy_session', sub { $nessus->destroy_session()->is_success() });

print "$passed passed, $failed failed\n";
exit($failed == 0 ? 0 : 1);
