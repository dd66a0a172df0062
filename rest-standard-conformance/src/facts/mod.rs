//! The list of facts, and how one is proved of a store.
//!
//! A fact knows nothing of a store but the trait `Store`; each gets a store of its own, freshly migrated to the tree of
//! `library`.

mod across;
mod changes;
mod concurrency;
mod conflicts;
mod durability;
mod export;
mod model;
mod references;
mod requests;
mod rows;
mod scan;
mod search;
mod soft_delete;

use std::{any::Any, panic::AssertUnwindSafe, pin::Pin};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};
use rest_standard::store::Capability;

use crate::{
    case::Case,
    place::{Make, Place, make},
};

/// One fact about stores.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Its topic and what is true: `conflicts::another_revision_is_stale`.
    pub name: &'static str,
    /// What a store must be able to do for it to be true.
    pub needs: Option<Capability>,
    run: fn(Case) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// A fact that is not true of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The name of the fact.
    pub fact: &'static str,
    /// What was found.
    pub text: String,
}

/// The facts about every store, by topic; what a store must be able to do for them stands behind the topic.
#[doc(hidden)]
#[macro_export]
macro_rules! __facts {
    ($then:path, $($argument:tt)*) => {
        $then! { $($argument)*;
            rows [] {
                a_value_of_every_kind_is_read_as_it_was_written,
                null_is_read_as_it_was_written,
                an_absent_row_is_none,
                several_rows_are_read_each_where_its_path_stands,
                singletons_are_rows_like_others,
                ids_of_every_kind_lead_to_their_row,
                an_insert_counts_its_changes_on,
                an_update_keeps_creation_incarnation_and_change_count,
                later_writes_see_earlier_ones,
                a_delete_removes_the_singletons_below,
                a_deleted_tree_is_gone_and_nothing_else_is,
                a_tree_below_a_singleton_can_be_deleted,
                deleting_what_is_absent_does_nothing,
                a_unique_value_leads_to_its_resource,
                reserved_ids_are_never_given_again,
                the_first_start_is_remembered,
                a_migrated_store_is_ready,
                an_empty_batch_commits,
            }
            conflicts [] {
                expectations_that_hold_are_committed,
                another_revision_is_stale,
                the_revision_of_an_absent_row_is_stale,
                an_absent_row_that_should_exist_is_stale,
                a_row_that_should_be_absent_is_stale,
                expectations_are_about_the_state_before_the_writes,
                what_belongs_to_a_new_row_is_absent_before_it,
                inserting_a_taken_key_is_stale,
                inserting_below_a_missing_owner_is_stale,
                a_collection_below_an_absent_singleton_needs_its_owner_only,
                updating_an_absent_row_is_stale,
                a_unique_value_is_taken_once_in_the_whole_table,
                a_unique_value_is_taken_once_in_a_batch,
                unique_text_is_compared_exactly,
                null_is_free_in_a_unique_field,
                a_row_keeps_its_own_unique_value,
                a_unique_value_is_free_once_it_is_given_up,
                a_row_with_children_cannot_be_deleted,
                a_row_with_children_below_a_singleton_cannot_be_deleted,
                changes_are_no_children,
                a_request_id_is_used_once_by_a_caller,
                of_several_conflicts_the_first_kind_is_named,
                a_stale_write_is_named_before_a_unique_value,
                a_refused_batch_changes_nothing,
            }
            changes [] {
                a_change_is_a_record_with_all_framework_fields,
                changes_are_numbered_from_one,
                a_change_leaves_the_rest_of_its_resource,
                an_old_change_is_found_and_forgotten,
                a_batch_that_is_refused_forgets_nothing,
                each_resource_has_changes_of_its_own,
                the_change_of_a_delete_stays_in_the_log,
                the_changes_of_a_deleted_tree_stay_in_the_log,
                an_id_made_anew_starts_without_changes,
                a_late_change_of_an_earlier_incarnation_is_counted_there,
                an_absent_singleton_can_have_changes,
                changes_are_listed_like_other_resources,
            }
            requests [] {
                a_record_is_found_as_it_was_committed,
                a_dry_run_records_nothing,
                records_before_the_limit_are_forgotten,
                records_are_forgotten_step_by_step_and_the_oldest_first,
                records_are_listed_in_the_order_of_caller_and_id,
            }
            scan [] {
                every_query_gives_what_sorting_all_rows_gives,
                each_column_can_be_followed_by_cursor_in_both_directions,
                ids_are_in_the_order_of_their_kind,
                only_the_rows_of_the_parent_are_listed,
                counting_stops_at_its_limit,
                a_page_ends_where_it_is_large_enough,
                excerpts_have_what_was_asked_for_and_pages_of_their_size,
                counts_follow_inserts_and_deletes,
                the_filtered_rows_are_counted_whatever_the_page,
                a_limit_of_zero_gives_no_rows,
                a_row_is_found_by_its_id,
                a_page_has_the_rows_as_they_are,
                equal_text_is_equal_in_every_character,
                cursors_visit_each_row_once_while_others_come_and_go,
            }
            concurrency [] {
                no_increment_under_a_revision_is_lost,
                rows_that_are_read_together_are_of_one_moment,
                one_of_many_inserts_of_a_key_wins,
                of_two_that_each_read_that_the_others_singleton_is_absent_one_wins,
                of_a_singleton_and_an_update_that_read_that_it_is_absent_one_wins,
                one_of_many_requests_with_an_id_wins,
                changes_of_many_tasks_are_numbered_without_gaps,
                no_id_is_reserved_twice,
                a_list_never_shows_half_a_batch,
                a_commit_is_seen_by_every_read_after_it,
            }
            model [] {
                r002_random_batches_do_what_the_model_does,
            }
            across [AcrossParents] {
                rows_of_all_parents_are_one_list,
                a_list_across_is_below_what_it_is_asked_for,
                a_list_across_can_be_followed_by_cursor_in_both_directions,
            }
            export [Export] {
                an_export_gives_all_rows_in_order,
                an_export_is_of_one_moment_while_writes_go_on,
                a_store_reads_no_further_ahead_than_a_few_pieces,
                an_export_that_nobody_takes_makes_room_for_others,
            }
            references [References] {
                nothing_refers_to_what_no_row_has,
                what_is_referred_to_is_there_and_not_marked,
            }
            search [Search] {
                a_search_finds_rows_by_the_beginnings_of_their_words,
                words_follow_the_writes_of_one_batch,
                words_go_with_a_deleted_tree,
                a_search_is_one_condition_of_many,
                marked_rows_are_found_where_they_are_asked_for,
            }
            soft_delete [SoftDelete] {
                a_mark_is_read_as_it_was_written_and_can_be_taken_off,
                a_scan_of_live_rows_leaves_marked_ones_out,
                a_live_row_is_there_and_not_marked,
                a_collection_with_marked_rows_alone_is_empty,
                rows_are_expired_from_their_time_on,
                marked_rows_keep_their_unique_value,
            }
        }
    };
}

/// The facts about stores that are opened again.
#[doc(hidden)]
#[macro_export]
macro_rules! __durable_facts {
    ($then:path, $($argument:tt)*) => {
        $then! { $($argument)*;
            durability [] {
                rows_changes_and_requests_are_kept,
                the_first_start_is_remembered,
                reserved_ids_are_never_given_again,
                what_was_committed_before_closing_is_kept,
            }
        }
    };
}

macro_rules! table {
    ($name:ident; $($module:ident $needs:tt { $($fact:ident,)* })*) => {
        const $name: &[Fact] = &[$($(
            Fact {
                name: concat!(stringify!($module), "::", stringify!($fact)),
                needs: needs!($needs),
                run: |case| Box::pin($module::$fact(case)),
            },
        )*)*];
    };
}

macro_rules! needs {
    ([]) => {
        None
    };
    ([$capability:ident]) => {
        Some(Capability::$capability)
    };
}

__facts!(table, OF_ALL);
__durable_facts!(table, OF_DURABLE);

/// The facts about every store.
#[must_use]
pub fn facts() -> &'static [Fact] {
    OF_ALL
}

/// Proves the fact called `name` of the stores of a place, or panics: what the tests of
/// [`store_conformance!`](crate::store_conformance) do.
///
/// # Panics
///
/// When it is not true, or no fact has the name.
pub fn prove<P: Place>(name: &str) {
    let all = OF_ALL.iter().chain(OF_DURABLE);
    let Some(fact) = all.into_iter().find(|fact| fact.name == name) else { panic!("no fact is `{name}`") };
    fact.prove(make::<P>);
}

/// The facts that are not true of the stores of a place, but for those about opening them again.
#[must_use]
pub fn failures<P: Place>() -> Vec<Failure> {
    let outcomes = OF_ALL.iter().map(|fact| {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| fact.prove(make::<P>)));
        outcome.map_err(|panic| Failure { fact: fact.name, text: text(&*panic) })
    });
    outcomes.filter_map(Result::err).collect()
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("a panic without a text").to_owned()
}

impl Fact {
    fn prove(&self, make: Make) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime starts").block_on(async {
            let case = Case::new(make).await;
            match self.needs.filter(|needed| !case.can(*needed)) {
                Some(needed) => case.is_refused(needed),
                None => (self.run)(case).await,
            }
        });
    }
}

/// Checks a fact with random inputs, from within a runtime.
fn property<T: std::fmt::Debug>(cases: u32, inputs: impl Strategy<Value = T>, fact: impl AsyncFn(T)) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&inputs, |input| {
            tokio::runtime::Handle::current().block_on(fact(input));
            Ok(())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
